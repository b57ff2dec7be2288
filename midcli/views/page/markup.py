"""HTML and SVG as text in which everything that is not markup is escaped."""

from html import escape
from typing import Self


class Markup(str):
    """Text that is markup already."""

    __slots__ = ()

    def __add__(self, other: str) -> Self:
        return type(self)(str.__add__(self, escape_text(other)))


def escape_text(text: str) -> Markup:
    """The text as markup: itself if it is markup, else with everything escaped that has a meaning."""
    return text if isinstance(text, Markup) else Markup(escape(text))


def joined(parts: "list[str] | list[Markup]") -> Markup:
    """The parts one after another, escaped where they are not markup."""
    return Markup("".join(map(escape_text, parts)))


def element(tag: str, *children: str, **attributes: str | float | bool | None) -> Markup:
    """`<tag attribute="...">children</tag>`.

    `class_` is class, `aria_label` is aria-label; None and False leave an attribute out, True leaves out
    its value.
    """
    written = "".join(
        f" {_attribute_name(name)}"
        if value is True
        else f' {_attribute_name(name)}="{_attribute_value(value)}"'
        for name, value in attributes.items()
        if value is not None and value is not False
    )
    return Markup(f"<{tag}{written}>{joined(list(children))}</{tag}>")


def decimals(number: float, most: int = 2) -> str:
    """A coordinate without needless digits: `12.5`, `3`, `0`."""
    text = f"{number:.{most}f}".rstrip("0").rstrip(".") if most else f"{number:.0f}"
    return "0" if text in ("-0", "") else text


def _attribute_name(name: str) -> str:
    return name.removesuffix("_").replace("_", "-")


def _attribute_value(value: str | float) -> str:
    return escape(value if isinstance(value, str) else decimals(value))
