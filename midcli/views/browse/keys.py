"""The keys of the view, in words."""

HINT = "/ filter  s sort  space mark  e export  enter whole card  p play  ? keys  q quit"

KEYS = """Keys

 up down, j k      move; also page up, page down,
                   home, end
 left right, h l   choose a column
 s                 sort by it, again to turn round
 n                 sort by name
 /                 filter: words and bounds such as
                     tense, not dissonant
                     energy > 6, sad < 3
                   or any text in names and titles
                   ("in quotes": always text)
 > <               at least, at most as much as the
                   selected piece in that column
 esc               back: out of the filter, the card
 space             mark
 a                 mark all that is shown, or none
 m                 only what is marked
 e                 export the marked ones, as a
                   playlist (.m3u8) or page (.html)
 enter             the card alone, with its curves:
                   the file is heard for it
 tab               table or card
 p                 play, stop
 q                 quit
"""
