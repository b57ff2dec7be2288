"""The keys of the view, in words."""

HINT = "/ filter  s sort  space mark  e export  enter whole card  p play  ? keys  q quit"

KEYS = """Keys

up down  move (j k, page up, page down,
           home, end)
left     choose a column (h l, right)
s        sort by it; again: turn round
n        sort by name
/        filter: words and bounds, as in
           tense, not dissonant
           energy > 6, sad < 3
         or text in names and titles
         (always, in "quotes")
> <      at least, at most as much as
         the selected piece there
esc      back: out of filter, card, this
space    mark      a  all shown, or none
m        only what is marked
e        export marked: .m3u8 or .html
enter    card alone, curves: hears it
tab      table or card
p        play, stop
q        quit
"""
"""As long and as wide as the card beside the table in a terminal of 80 x 24."""
