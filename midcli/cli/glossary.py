"""`midcli glossary`: what the words mean."""


def glossary() -> None:
    """Say what each quality and emotion means, and what listeners were asked.

    Example: midcli glossary
    """
    from midcli.cli.console import stdout
    from midcli.views.terminal.glossary import Glossary

    stdout().print(Glossary())
