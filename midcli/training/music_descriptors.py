"""What music of all kinds is described by: the descriptors of film music, and more that depend on neither
tuning, tempo nor level."""

from torch import Tensor, nn

from midcli.audio.spectrogram import BANDS
from midcli.training.cells import STRIDE_FRAMES, means
from midcli.training.descriptors import FilmDescriptors, planes, registers
from midcli.training.metre import LONGEST_LAG_FRAMES, REGISTERS, Metre
from midcli.training.texture import BROAD, SHAPE, Voice, dynamics, gliding, moving_together, shape
from midcli.training.tonality import Chords, Keys, steady_level, steady_partials

_WIDEST_WINDOW_CELLS = 23
_SMOOTHING_FRAMES = 31


class MusicDescriptors(nn.Module):
    """Raw spectrograms (batch, frames, 149) to blocks of families of descriptors (batch, descriptors, T).

    The first blocks describe one register each; then come rhythm and harmony as for film music, movement
    of the parts, voice, keys, chords, metre, and one block of timbre, tonality, rhythm and harmony together,
    in which moments are alike only if they are alike in everything.
    """

    receptive_frames = _WIDEST_WINDOW_CELLS * STRIDE_FRAMES + LONGEST_LAG_FRAMES + _SMOOTHING_FRAMES

    def __init__(self) -> None:
        super().__init__()
        self.film = FilmDescriptors()
        self.voice = Voice()
        self.keys = Keys()
        self.chords = Chords(self.keys)
        self.metre = Metre()

    def forward(self, spectrogram: Tensor) -> list[list[Tensor]]:
        seen = planes(spectrogram)
        steady = steady_level(seen.level)
        chroma = self.keys.chroma(steady_partials(steady))
        *by_register, tonality, rhythm, harmony = self.film.of(seen)
        shape_levels, broad_levels, levels = means(seen.level, SHAPE, BROAD, [*registers(), slice(0, BANDS)])
        broad_onsets, onsets = means(seen.rises, BROAD, REGISTERS)
        together = moving_together(broad_levels, broad_onsets)
        keys, chords, metre = self.keys(chroma), self.chords(chroma), self.metre(onsets)
        texture = [
            *shape(seen.level, shape_levels, seen.rises, seen.peaks),
            *gliding(seen.level, steady, seen.peaks, registers()),
            *dynamics(levels),
        ]
        joint = [*tonality, *rhythm, *harmony, *texture, *together]
        return [*by_register, rhythm, harmony, together, self.voice(seen.peaks), keys, chords, metre, joint]
