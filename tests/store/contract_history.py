import math
import tracemalloc
from itertools import islice

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jupyter_track.entities import InvalidParameterValue, Metric, ResourceDoesNotExist

INT64 = 2**63
NAN, INF = math.nan, math.inf
NOBODY = "f" * 32

STEPS = st.integers(-20, 200) | st.sampled_from([-INT64, INT64 - 1, 10**12])
TIMES = st.integers(0, 50) | st.sampled_from([-INT64, INT64 - 1])
VALUES = st.floats(-10, 10) | st.sampled_from([NAN, INF, -INF, 0.0, 1e308, 5e-324])
POINTS = st.lists(st.builds(Metric, st.just("m"), VALUES, TIMES, STEPS), max_size=120)


def log(store, run_id, points):
    points = iter(points)
    while some := list(islice(points, 1000)):
        store.log_batch(run_id, some)


def curve(store, run_id, **options):
    (found,) = store.get_metric_history_bulk_interval([run_id], "m", **options).values()
    return found


def place(point):
    """What orders the points of a curve; a NaN stands where a zero would."""
    return point.step, point.timestamp, 0.0 if math.isnan(point.value) else point.value, math.isnan(point.value)


class HistoryContract:
    # Every example has a run of its own in the store of the test, and every family of stores its own examples.
    @settings(
        max_examples=40,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.differing_executors],
    )
    @given(points=POINTS, max_results=st.integers(1, 40), stretch=st.none() | st.tuples(STEPS, STEPS))
    def test_a_curve_is_part_of_the_history_and_loses_neither_ends_nor_peaks(self, store, points, max_results, stretch):
        run_id = store.create_run("0").info.run_id
        log(store, run_id, points)
        start, end = sorted(stretch) if stretch else (None, None)
        drawn = curve(store, run_id, max_results=max_results, start_step=start, end_step=end)
        history = sorted(store.get_metric_history(run_id, "m"), key=place)
        history = [each for each in history if stretch is None or start <= each.step <= end]
        places = [place(each) for each in drawn]
        assert places == sorted(set(places))
        assert set(places) <= {place(each) for each in history}
        if len(history) <= max_results:
            assert places == [place(each) for each in history]
            return
        assert (places[0], places[-1]) == (place(history[0]), place(history[-1]))
        numbers = [each.value for each in history if not math.isnan(each.value)]
        kept = [each.value for each in drawn if not math.isnan(each.value)]
        if numbers:
            assert (min(kept), max(kept)) == (min(numbers), max(numbers))
        assert len(drawn) - len(kept) >= (len(numbers) < len(history))
        # Up to five of a bucket, and a few buckets more than asked for.
        assert len(drawn) <= 5 * (max_results // 4 + 7)

    def test_each_stretch_of_a_curve_has_its_own_least_and_greatest_point(self, store, run_id):
        log(store, run_id, (Metric("m", float(step % 10), step, step) for step in range(10_000)))
        drawn = curve(store, run_id, max_results=100)
        assert 50 <= len(drawn) <= 100
        for begin in range(0, 10_000, 400):
            bucket = [each for each in drawn if begin <= each.step < begin + 400]
            assert [bucket[0].step, bucket[-1].step] == [begin, begin + 399]
            assert {each.value for each in bucket} >= {0.0, 9.0}

    @pytest.mark.parametrize(("start", "end"), [(None, None), (-3_000, 90_000), (5_001, 99_999), (5_001, 33_333)])
    def test_a_long_curve_keeps_every_peak_whatever_was_logged_when(self, store, run_id, start, end):
        peaks = {-9_990: 9.0, 0: 8.0, 10: -8.0, 20_480: 7.0, 20_470: -7.0, 33_330: 6.0, 61_440: NAN, 99_990: -9.0}
        given = [Metric("m", peaks.get(step, step % 7 / 7), step, step) for step in range(-10_000, 100_000, 10)]
        # Once more, and in another order, as a journal that is applied again may.
        log(store, run_id, given[::-1])
        log(store, run_id, given[::3])
        drawn = curve(store, run_id, max_results=160, start_step=start, end_step=end)
        assert 80 <= len(drawn) <= 165
        inside = [each for each in given if start is None or start <= each.step <= end]
        assert (drawn[0], drawn[-1]) == (inside[0], inside[-1])
        assert {place(each) for each in drawn} <= {place(each) for each in inside}
        expected = [step for step in peaks if start is None or start <= step <= end]
        assert {each.step for each in drawn} >= set(expected)

    def test_a_curve_shows_where_a_nan_is(self, store, run_id):
        log(store, run_id, (Metric("m", NAN if step == 577 else 1.0 + step, step, step) for step in range(1000)))
        drawn = curve(store, run_id, max_results=40)
        assert [each.step for each in drawn if math.isnan(each.value)] == [577]
        assert min(each.value for each in drawn if not math.isnan(each.value)) == 1.0

    def test_a_curve_without_steps_is_drawn_over_time(self, store, run_id):
        log(store, run_id, (Metric("m", abs(500.0 - time), 10 * time) for time in range(1000)))
        drawn = curve(store, run_id, max_results=40)
        assert 20 <= len(drawn) <= 40
        assert (drawn[0].timestamp, drawn[-1].timestamp) == (0, 9990)
        assert 5000 in {each.timestamp for each in drawn}

    def test_a_stretch_of_a_curve_has_its_ends(self, store, run_id):
        log(store, run_id, (Metric("m", float(step), step, step) for step in range(0, 1000, 2)))
        steps = [each.step for each in curve(store, run_id, start_step=101, end_step=200)]
        assert steps == list(range(102, 201, 2))
        assert [each.step for each in curve(store, run_id, start_step=997)] == [998]
        assert [each.step for each in curve(store, run_id, end_step=0)] == [0]
        steps = [each.step for each in curve(store, run_id, max_results=8, start_step=100, end_step=300)]
        assert (steps[0], steps[-1]) == (100, 300)
        assert len(steps) <= 8

    def test_curves_of_several_runs_in_the_order_asked(self, store):
        run_ids = [store.create_run("0").info.run_id for _ in range(3)]
        for position, run_id in enumerate(run_ids[:2]):
            log(store, run_id, [Metric("m", float(position), 1, 1), Metric("other", 7.0, 1, 1)])
        store.delete_run(run_ids[0])
        asked = [run_ids[1], NOBODY, run_ids[0], run_ids[2], "' OR '1'='1", run_ids[1]]
        expected = {
            run_ids[1]: [Metric("m", 1.0, 1, 1)],
            NOBODY: [],
            run_ids[0]: [Metric("m", 0.0, 1, 1)],
            run_ids[2]: [],
            "' OR '1'='1": [],
        }
        for found in (store.get_metric_history_bulk_interval(asked, "m"), store.get_metric_history_bulk(asked, "m")):
            assert found == expected
            assert list(found) == list(expected)
        for call in (store.get_metric_history_bulk_interval, store.get_metric_history_bulk):
            assert call([], "m") == {}
            assert call(run_ids, "nothing") == {run_id: [] for run_id in run_ids}

    def test_histories_of_several_runs_have_a_limit_together(self, store):
        run_ids = [store.create_run("0").info.run_id for _ in range(3)]
        for run_id in run_ids:
            log(store, run_id, [Metric("m", 1.0, 9 - number, number) for number in range(4)])
        whole = {run_id: store.get_metric_history(run_id, "m") for run_id in run_ids}
        assert store.get_metric_history_bulk(run_ids, "m") == whole
        found = store.get_metric_history_bulk(run_ids, "m", max_results=6)
        assert found == {run_ids[0]: whole[run_ids[0]], run_ids[1]: whole[run_ids[1]][:2], run_ids[2]: []}

    @pytest.mark.parametrize(
        "wrong",
        [
            {"max_results": 0},
            {"max_results": -1},
            {"max_results": 25_001},
            {"start_step": 2, "end_step": 1},
            {"start_step": INT64},
            {"end_step": 1.5},
        ],
    )
    def test_a_curve_that_cannot_be_is_refused(self, store, run_id, wrong):
        with pytest.raises(InvalidParameterValue):
            curve(store, run_id, **wrong)
        with pytest.raises(InvalidParameterValue):
            store.get_metric_history_bulk_interval([run_id], "\ud800")
        with pytest.raises(InvalidParameterValue):
            store.get_metric_history_bulk([run_id], "m", max_results=0)

    def test_a_whole_history_is_in_the_order_of_its_pages(self, store, run_id):
        log(store, run_id, (Metric("m", [0.0, NAN, -1.0][n % 3], n % 7, n % 5) for n in range(500)))
        whole = store.get_metric_history(run_id, "m")
        paged = store.get_metric_history(run_id, "m", max_results=1000)
        assert repr(whole) == repr(paged)
        assert (len(whole), whole.token, paged.token) == (105, "", "")
        with pytest.raises(ResourceDoesNotExist):
            store.get_metric_history(NOBODY, "m")

    def test_a_long_history_is_never_in_memory_twice(self, store, run_id):
        count = 50_000
        log(store, run_id, (Metric("m", step / 3, 1_700_000_000_000 + step, step) for step in range(count)))
        store.get_metric_history(run_id, "none")
        tracemalloc.start()
        try:
            before, _ = tracemalloc.get_traced_memory()
            history = store.get_metric_history(run_id, "m")
            after, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert len(history) == count
        # Besides the result, what is on its way, and a pointer for each point while they are sorted.
        assert peak - before < 1.4 * (after - before)
