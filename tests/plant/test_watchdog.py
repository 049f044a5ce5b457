"""What the signs of a cluster mean; times are seconds of one clock."""

from mailhold.watchdog import PATIENCE_SECONDS, Signs


def everybody(_pid):
    return True


def nobody(_pid):
    return False


def test_a_cluster_with_a_pulse_is_well():
    signs = Signs(workers=2, heard_at=0)
    signs.note("through", 10)
    assert not signs.is_stuck(10 + PATIENCE_SECONDS, everybody)


def test_a_cluster_without_a_pulse_is_stuck():
    signs = Signs(workers=2, heard_at=0)
    signs.note("through", 10)
    assert signs.is_stuck(10 + PATIENCE_SECONDS + 0.1, everybody)


def test_a_cluster_whose_workers_are_all_at_work_is_not_stuck():
    signs = Signs(workers=2, heard_at=0)
    signs.note("busy 7", 1)
    signs.note("busy 8", 1)
    assert not signs.is_stuck(1000, everybody)


def test_a_cluster_with_one_idle_worker_shows_a_pulse_or_is_stuck():
    signs = Signs(workers=2, heard_at=0)
    signs.note("busy 7", 1)
    assert signs.is_stuck(1000, everybody)


def test_after_work_a_cluster_has_its_full_patience_again():
    signs = Signs(workers=1, heard_at=0)
    signs.note("busy 7", 1)
    assert not signs.is_stuck(1000, everybody)
    signs.note("idle 7", 1000)
    assert not signs.is_stuck(1000 + PATIENCE_SECONDS, everybody)
    assert signs.is_stuck(1001 + PATIENCE_SECONDS, everybody)


def test_a_worker_that_died_at_work_is_not_at_work():
    signs = Signs(workers=1, heard_at=0)
    signs.note("busy 7", 1)
    assert signs.is_stuck(1000, nobody)


def test_rows_that_were_taken_and_not_done_are_known():
    signs = Signs(workers=1, heard_at=0)
    for line in ("took 1", "took 2", "done 1"):
        signs.note(line, 0)
    assert signs.taken == {2}
