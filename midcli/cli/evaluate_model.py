"""Scoring a finished model on an annotated corpus."""

from pathlib import Path

from midcli.cli.evaluate_tables import (
    Form,
    Output,
    make_folder,
    pairs,
    prepare_figures,
    print_figures,
    save_figures,
)
from midcli.errors import ModelError, UsageError


def evaluate_model(model: str, data: Path | None, results: Path, output: Output) -> bool:
    """Score a finished model on a corpus; whether some files failed."""
    from midcli.analyser import Analyser
    from midcli.cli.console import print_data, print_json, print_line, print_warning, progress_bar, stdout
    from midcli.cli.inputs import data_folder
    from midcli.corpora.own import load_corpus
    from midcli.model.head import EIGHT
    from midcli.study.finished import (
        overlap_warning,
        predictions_csv,
        score_model,
        scores_object,
        write_predictions,
    )
    from midcli.util.text import printable
    from midcli.views.terminal.tables import ModelScoreTable

    if output.form is Form.markdown:
        raise UsageError("--markdown is for the paper's tables; use --json or --csv with --model")
    try:
        analyser = Analyser(model, vocabulary=EIGHT)
    except UsageError as error:
        words = (
            "was trained for emotions of its own, whose scores its card has; these tables are of the eight"
        )
        raise ModelError(f"{model}: {words}") from error
    corpus = load_corpus(data_folder(data))
    make_folder("results", results)
    drawn = prepare_figures(model, corpus, output)
    with progress_bar("excerpts") as on_progress:
        scores = score_model(analyser, corpus, on_progress)
    path = write_predictions(results, scores)
    save_figures(drawn, output)
    if output.form is Form.json:
        print_json(scores_object(scores) | pairs(drawn))
    elif output.form is Form.csv:
        print_data(predictions_csv(scores))
    else:
        stdout().print(ModelScoreTable(scores))
        print_figures(drawn)
    warning = overlap_warning(scores)
    if warning:
        print_warning(warning)
    for failure in scores.failures:
        print_line("failed", printable(str(failure)), "bold red")
    print_line("predictions", printable(f"of every excerpt are in {path}"), "bold")
    return bool(scores.failures)
