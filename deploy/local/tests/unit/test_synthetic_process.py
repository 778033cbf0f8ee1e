"""Synthetic process data: the same bytes every time, whole lines, labelled."""

from __future__ import annotations

from cytolake.bench_large import measure_large, told
from cytolake.bench_large_stack import Peak
from cytolake.synthetic.process import HEADER, PERIOD, TAGS, process_csv


def test_the_same_size_is_the_same_file() -> None:
    assert b"".join(process_csv(300_000)) == b"".join(process_csv(300_000))


def test_it_has_at_least_the_size_and_ends_in_a_whole_line() -> None:
    body = b"".join(process_csv(300_000))
    assert 300_000 <= len(body) < 600_000
    lines = body.splitlines()
    assert lines[0] + b"\n" == HEADER
    assert {line.count(b",") for line in lines} == {5}
    assert all(line.split(b",")[1].startswith(b"SYNTHETIC-") for line in lines[1:])


def test_every_tag_is_read_once_a_second() -> None:
    lines = b"".join(process_csv(600_000)).decode().splitlines()[1:]
    seconds = [line.split(",")[0] for line in lines]
    assert seconds == sorted(seconds)
    assert len(lines) == len(set(seconds)) * len(TAGS)
    assert len(set(seconds)) > PERIOD


def test_the_bench_of_large_files_reads_what_it_writes() -> None:
    peak = Peak(tenth=400.0, whole=600.0)
    report = measure_large(0.003, list[str]().append, lambda _small, _whole: {"validator": peak})
    assert report.rows > 30_000
    assert report.times_bare_copy > 0
    assert report.services["validator"] == {"mib_at_a_tenth": 400.0, "mib": 600.0, "times": 1.5}
    assert report.goals["no process above 512 MiB"] is False
    assert '"peak_mib"' in told(report)
