from dataclasses import fields, replace

import pytest

from midcli.study.recipes import COMPACT, DEFAULT, FILM, PAPER, RECIPES, Augmentation, Damage, Kind

CHANGES = {
    str: "other",
    int: 99,
    float: 0.123,
    bool: False,
    tuple: (9, 9),
    Augmentation: Augmentation(),
    dict: {"other": 1},
    Damage: replace(DEFAULT.damage, tempo=0.2),
}


@pytest.mark.parametrize("recipe", [COMPACT, FILM, DEFAULT], ids=lambda recipe: recipe.name)
def test_every_field_changes_the_fingerprint(recipe):
    for field in fields(recipe):
        changed = replace(recipe, **{field.name: CHANGES[type(getattr(recipe, field.name))]})
        assert changed.fingerprint() != recipe.fingerprint(), field.name


def test_paper_is_as_published():
    assert (PAPER.learning_rate, PAPER.batch_size, PAPER.crop_frames) == (5e-4, 8, 313)
    assert (PAPER.patience, PAPER.stopping, PAPER.dropout) == (50, "validation", 0.3)
    assert PAPER.augmentation == Augmentation()
    assert not PAPER.standardise_targets


def test_recipes_are_found_by_their_names():
    assert {"paper", "film", "default"} <= set(RECIPES)
    assert all(recipe.name == name for name, recipe in RECIPES.items())


def test_every_block_of_descriptors_has_a_width_and_a_weight():
    assert len(FILM.kernel_widths) == len(FILM.block_weights) == 6
    assert len(DEFAULT.kernel_widths) == len(DEFAULT.block_weights) == 11


def test_kinds_of_music_are_found_by_corpus_and_by_one_of_several_genres():
    kind = Kind("jazz", ("blue notes",), (("songs", "genres", ("Jazz", "Blues")),))
    assert kind.has("blue notes", {})
    assert kind.has("songs", {"genres": "Vocal; Blues"})
    assert not kind.has("songs", {"genres": "Pop"})
    assert not kind.has("others", {"genres": "Jazz"})


def test_fixed_epochs_replace_stopping_by_validation():
    fixed = PAPER.for_fixed_epochs(17)
    assert (fixed.epochs, fixed.stopping) == (17, "fixed")
    assert fixed.fingerprint() != PAPER.fingerprint()
