"""The graph alone: paths are found when there are any, are as short as can be, and do not depend on what was asked."""

from collections import deque

from hypothesis import given, settings
from hypothesis import strategies as st

from services.matcher.domain.graph import Graph, Path, bits

CELLS, SUPPLIES = 12, 8


def shortest(graph: Graph, start: int) -> int | None:
    """How many supplies the shortest way to a free slot passes, by a search without any level."""
    seen, queue = {start}, deque([(start, 1)])
    while queue:
        cell, length = queue.popleft()
        for supply in bits(graph.adjacent[cell]):
            if graph.free[supply] > 0:
                return length
            for held in graph.movable[supply]:
                if held not in seen:
                    seen.add(held)
                    queue.append((held, length + 1))
    return None


def follow(graph: Graph, path: Path) -> None:
    """Place a worker along a path, checking that it is one."""
    for step in range(len(path) - 1, 0, -1):
        graph.release(path[step - 1][1], path[step][0])
    for cell, supply in path:
        assert graph.adjacent[cell] >> supply & 1, "nobody goes where he may not"
        graph.hold(supply, cell)
    graph.grow(path[-1][1], -1)


borders = st.lists(st.tuples(st.integers(1, 2**CELLS - 1), st.integers(0, 7)), min_size=SUPPLIES, max_size=SUPPLIES)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("place"), st.integers(0, CELLS - 1)),
        st.tuples(st.just("place"), st.integers(0, CELLS - 1)),
        st.tuples(st.just("place"), st.integers(0, CELLS - 1)),
        st.tuples(st.just("grow"), st.integers(0, SUPPLIES - 1)),
        st.tuples(st.just("leave"), st.integers(0, SUPPLIES - 1)),
    ),
    max_size=120,
)


def play(supplies: list[tuple[int, int]], moves: list[tuple[str, int]], *, curious: bool) -> tuple[Graph, list[Path]]:
    graph = Graph()
    for _ in range(CELLS):
        graph.add_cell(0)
    for mask, width in supplies:
        graph.add_supply(mask, width)
    paths = []
    for move, number in moves:
        if curious:
            # questions in between mend the levels, and must not change any answer
            for cell in range(CELLS):
                graph.path(cell)
            graph.reach()
        if move == "grow":
            graph.grow(number, 1)
        elif move == "leave" and graph.movable[number]:
            graph.release(number, next(iter(graph.movable[number])))
            graph.grow(number, 1)
        elif move == "place":
            path = graph.path(number)
            assert shortest(graph, number) == (None if path is None else len(path))
            if path is not None:
                follow(graph, path)
                paths.append(path)
    return graph, paths


@settings(max_examples=300)
@given(borders, steps)
def test_a_path_is_found_whenever_there_is_one_and_is_a_shortest_one(
    supplies: list[tuple[int, int]], moves: list[tuple[str, int]]
) -> None:
    play(supplies, moves, curious=False)


@settings(max_examples=300)
@given(borders, steps)
def test_what_was_asked_before_changes_no_path(supplies: list[tuple[int, int]], moves: list[tuple[str, int]]) -> None:
    graph, paths = play(supplies, moves, curious=False)
    _, others = play(supplies, moves, curious=True)
    assert paths == others
    fresh = graph.copy()
    assert [graph.path(cell) for cell in range(CELLS)] == [fresh.path(cell) for cell in range(CELLS)]


@settings(max_examples=300)
@given(borders, steps)
def test_after_forgetting_the_reach_is_exact(supplies: list[tuple[int, int]], moves: list[tuple[str, int]]) -> None:
    graph, _ = play(supplies, moves, curious=False)
    able = {cell for cell in range(CELLS) if shortest(graph, cell) is not None}
    assert able <= set(bits(graph.reach())), "old levels may promise too much, never too little"
    graph.forget()
    assert set(bits(graph.reach())) == able


def test_a_slot_that_came_and_went_between_two_looks_leaves_no_way_unseen() -> None:
    graph = Graph()
    near, between, old, new = (graph.add_cell(0) for _ in range(4))
    free = graph.add_supply(1 << near, 0)
    full = graph.add_supply(1 << near | 1 << between, 1)
    closed = graph.add_supply(1 << between | 1 << old | 1 << new, 2)
    graph.grow(free, 1)
    graph.hold(full, near)
    graph.hold(closed, old)
    assert graph.path(new) is None

    graph.release(closed, old)
    graph.grow(closed, 1)
    follow(graph, [(between, closed)])

    assert graph.path(new) == [(new, closed), (between, full), (near, free)]
