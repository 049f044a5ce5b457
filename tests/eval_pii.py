"""Measures the detection of sensitive content on a folder of labelled messages; `make eval-pii`, docs/detection.md.

The folder holds `labels.jsonl` and the messages that it names. Predictions are written one line a message:
{"file": ..., "entities": [{"type", "value", "where"}]}. The figures are those of the folder's `score.py`, or of the one
in the samples' own folder.
"""

import argparse
import collections
import importlib.util
import json
import statistics
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from mailhold.mime.inspection import inspect
from mailhold.mime.parse import parse
from policies.detectors.find import find
from policies.detectors.opening import without_passwords_of_files

SAMPLES = Path(__file__).resolve().parents[2] / "shared" / "samples" / "pii"
CHECKED = ("MY_NUMBER", "CORPORATE_NUMBER", "CREDIT_CARD", "DRIVER_LICENSE", "HEALTH_INSURANCE")


def predict(content: bytes) -> list[dict[str, str]]:
    """What is found in one message; the sender's domain is the company's own."""
    author = parse(content).author_address.rpartition("@")[2]
    own_domains = frozenset({author} if author else ())
    inspection = inspect(content)
    found = find(inspection.pieces, own_domains=own_domains, today=datetime.now(UTC).date())
    kept = without_passwords_of_files(found, inspection.opened_by)
    return [{"type": one.type, "value": one.value, "where": one.where} for one in kept]


def main() -> int:
    options = _arguments()
    if not (options.folder / "labels.jsonl").exists():
        print(
            f"No labelled messages at {options.folder}: name a folder with labels.jsonl by DIR=.",
            file=sys.stderr,
        )
        return 1
    lines = (options.folder / "labels.jsonl").read_text(encoding="utf-8").splitlines()
    labels = [json.loads(line) for line in lines]
    predictions, milliseconds = _predictions(options.folder, labels)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(
        "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in predictions), encoding="utf-8"
    )
    _report(_scorer(options.folder), labels, predictions)
    _report_times(milliseconds)
    print(f"predictions: {options.out}")
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path, default=SAMPLES)
    parser.add_argument("out", nargs="?", type=Path, default=Path("var/pii-predictions.jsonl"))
    return parser.parse_args()


def _predictions(folder: Path, labels: list[dict]) -> tuple[list[dict], list[float]]:
    predictions, milliseconds = [], []
    for label in labels:
        content = (folder / label["file"]).read_bytes()
        begun = time.perf_counter()
        entities = predict(content)
        milliseconds.append((time.perf_counter() - begun) * 1000)
        predictions.append({"file": label["file"], "entities": entities})
    return predictions, milliseconds


def _scorer(folder: Path) -> ModuleType:
    path = next((at for at in (folder / "score.py", SAMPLES / "score.py") if at.exists()), None)
    if path is None:
        sys.exit(f"The predictions are written; the figures need a score.py in {folder}.")
    spec = importlib.util.spec_from_file_location("pii_score", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _report(scorer: ModuleType, labels: list[dict], predictions: list[dict]) -> None:
    rows, total = scorer.score(labels, predictions)
    for row in rows:
        print("{:20} tp {:4} fp {:4} fn {:4}  P {:.3f} R {:.3f} F1 {:.3f}".format(*row))
    checked = [row for row in rows if row[0] in CHECKED]
    hits, false, missed = (sum(row[at] for row in checked) for at in (1, 2, 3))
    print(f"with check digits    P {hits / max(1, hits + false):.3f} R {hits / max(1, hits + missed):.3f}")
    print("all     ", _rounded(total))
    for key in ("tier", "lang", "charset", "cte", "style"):
        for value in sorted({label.get(key) or "" for label in labels}):
            some = [label for label in labels if (label.get(key) or "") == value]
            print(f"{key:8} {value:12} {len(some):4} messages", _rounded(scorer.score(some, predictions)[1]))
    for carrier, wheres in sorted(_carriers(labels).items()):
        print(f"carrier  {carrier:12} recall {_recall(scorer, labels, predictions, wheres):.3f}")


def _rounded(total: dict) -> dict:
    return {key: round(value, 4) if isinstance(value, float) else value for key, value in total.items()}


def _carriers(labels: list[dict]) -> dict[str, set[tuple[str, str]]]:
    carriers = collections.defaultdict(set)
    for label in labels:
        for entity in label["entities"]:
            where = entity["where"]
            carriers[where.rpartition(".")[2] if ":" in where else where].add((label["file"], where))
    return carriers


def _recall(
    scorer: ModuleType, labels: list[dict], predictions: list[dict], wheres: set[tuple[str, str]]
) -> float:
    some = []
    for label in labels:
        entities = [one for one in label["entities"] if (label["file"], one["where"]) in wheres]
        if entities:
            some.append({**label, "entities": entities})
    return scorer.score(some, predictions)[1]["micro_r"]


def _report_times(milliseconds: list[float]) -> None:
    ordered = sorted(milliseconds)
    worst = ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]
    print(
        f"screening p50 {statistics.median(ordered):.1f} ms, p95 {worst:.1f} ms, longest {ordered[-1]:.1f} ms"
    )


if __name__ == "__main__":
    sys.exit(main())
