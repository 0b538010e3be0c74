"""Choosing circles so that everybody stands in at most one: the optimiser. Imported only while solving.

`relax` solves the linear relaxation by taking in columns as they are needed and turns its prices into a bound in whole
numbers, so that no rounding can make a proof wrong. `choose` solves exactly. HiGHS runs on one thread with its own
fixed seed: the same columns give the same choice.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import highspy
import numpy as np
import numpy.typing as npt

from programmes.forming.columns import Column

Ints = npt.NDArray[np.int64]
# Prices of people are kept in these parts of one.
SCALE = 1 << 16
# Beyond this many circles the exact choice is not tried.
EXACT = 25_000
AT_ONCE = 2_000


@dataclass(frozen=True)
class Choice:
    """What is to be chosen from: possible circles of people 0…size-1, at most `circles` of them.

    Whoever is not in one waits for a price, unless they are `held`: those must be in one.
    """

    columns: Sequence[Column]
    size: int
    circles: int
    waiting: int
    held: frozenset[int] = frozenset()


class Pool:
    """A choice as arrays: `members` one row a circle, filled up with a person who does not exist, and `costs`."""

    def __init__(self, choice: Choice) -> None:
        self.choice, self.size = choice, choice.size
        columns = choice.columns
        widest = max((len(members) for members, _cost in columns), default=1)
        self.members: Ints = np.full((len(columns), widest), self.size, np.int64)
        for width in range(1, widest + 1):
            rows = [at for at, column in enumerate(columns) if len(column[0]) == width]
            if rows:
                self.members[rows, :width] = np.array([columns[at][0] for at in rows], np.int64)
        self.costs: Ints = np.array([cost for _members, cost in columns], np.int64)
        self.loose = np.array([at for at in range(self.size) if at not in choice.held], np.int32)

    def reduced(self, prices: Ints, entry: int) -> Ints:
        """What is left of each cost when its people pay their prices, in parts of one. `entry` is a price a circle."""
        padded = np.append(prices, 0)
        left: Ints = self.costs * SCALE - padded[self.members].sum(axis=1) - entry
        return left

    def cost(self, chosen: Sequence[int]) -> int:
        """What a choice costs, with whoever waits."""
        placed = sum(len(self.choice.columns[at][0]) for at in chosen)
        return int(self.costs[list(chosen)].sum()) + self.choice.waiting * (self.size - placed)


@dataclass(frozen=True)
class Relaxed:
    """A bound in parts of one, and what is left of each column's cost under the prices that prove it."""

    bound: int
    left: Ints

    @property
    def whole(self) -> int:
        """The bound in whole numbers."""
        return -(-self.bound // SCALE)

    def within(self, cost: int) -> Ints:
        """The columns that a choice of at most this cost can hold, the likeliest first."""
        order = np.argsort(self.left, kind="stable")
        end = np.searchsorted(self.left[order], cost * SCALE - self.bound, side="right")
        return order[:end]


def relax(pool: Pool, deadline: float, first: Sequence[int] = ()) -> Relaxed | None:
    """The linear relaxation over the whole pool; None where the time was not enough for any bound.

    It begins with the cheapest columns and `first`, and takes in others while they would make it cheaper.
    """
    inside = np.zeros(len(pool.costs), bool)
    inside[np.argsort(pool.costs, kind="stable")[:AT_ONCE]] = True
    inside[list(first)] = True
    solver = _solver(deadline)
    solver.passModel(_model(pool, np.flatnonzero(inside), None))
    best: Relaxed | None = None
    while True:
        solver.setOptionValue("time_limit", solver.getRunTime() + max(0.01, deadline - time.monotonic()))
        solver.run()
        if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return best
        found, raw = _proof(pool, np.array(solver.getSolution().row_dual))
        best = found if best is None or found.bound > best.bound else best
        wanted = np.flatnonzero((raw < -SCALE // 1000) & ~inside)
        if not len(wanted) or time.monotonic() > deadline:
            return best
        wanted = wanted[np.argsort(raw[wanted], kind="stable")[:AT_ONCE]]
        inside[wanted] = True
        _take_in(solver, pool, wanted)


def _proof(pool: Pool, duals: npt.NDArray[np.float64]) -> tuple[Relaxed, Ints]:
    """The bound that these prices prove, whatever their errors, and what they leave of each column's cost.

    Everybody pays a price, at most what waiting costs, and each circle an entry of at most nothing. Where no circle
    costs less than its people and the entry pay, no choice costs less than all prices and the entry of every circle.
    What a circle is too cheap by is added to the entry.
    """
    prices: Ints = np.floor(duals[: pool.size] * SCALE).astype(np.int64)
    prices[pool.loose] = np.minimum(prices[pool.loose], pool.choice.waiting * SCALE)
    entry = min(0, int(np.floor(duals[pool.size] * SCALE)))
    left = pool.reduced(prices, entry)
    short = min(0, int(left.min()))
    return Relaxed(int(prices.sum()) + pool.choice.circles * (entry + short), left - short), left


def choose(
    pool: Pool, among: Ints, deadline: float, noise: Ints | None = None, nodes: int | None = None
) -> tuple[list[int] | None, bool]:
    """The cheapest choice among these columns, and whether that is proved. None where none was found.

    `noise` is added to costs that count 1024 times: among choices that cost the same another one each time. Its sum
    over a choice must stay below 1024. `nodes` ends the search after so many branches.
    """
    solver = _solver(deadline)
    solver.setOptionValue("mip_rel_gap", 0.0)
    # Costs are whole numbers: nothing lies between a bound and a cost less than one above it.
    solver.setOptionValue("mip_abs_gap", 0.99 if noise is None else 900.0)
    if nodes is not None:
        solver.setOptionValue("mip_max_nodes", nodes)
    model = _model(pool, among, noise if noise is not None else 0)
    model.integrality_ = [highspy.HighsVarType.kInteger] * model.num_col_
    model.col_upper_ = np.ones(model.num_col_)
    solver.passModel(model)
    solver.run()
    done = solver.getModelStatus() in (highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kInfeasible)
    if solver.getInfo().primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
        return None, done
    values = np.array(solver.getSolution().col_value)[: len(among)]
    return [int(at) for at in among[np.flatnonzero(values > 0.5)]], done


def _solver(deadline: float) -> highspy.Highs:
    solver = highspy.Highs()  # type: ignore[no-untyped-call]  # its own stub leaves the constructor untyped
    solver.silent()
    solver.setOptionValue("threads", 1)
    solver.setOptionValue("time_limit", max(0.01, deadline - time.monotonic()))
    return solver


def _rows(pool: Pool, among: Ints) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """Where each of these columns starts, and its rows; the last row counts circles."""
    counted = pool.size + 1
    members = np.column_stack([pool.members[among], np.full(len(among), counted, np.int64)])
    real = members != pool.size
    rows = members[real]
    rows[rows == counted] = pool.size
    return np.concatenate([[0], np.cumsum(real.sum(axis=1))]).astype(np.int32), rows.astype(np.int32)


def _model(pool: Pool, among: Ints, noise: Ints | int | None) -> highspy.HighsLp:
    """The model of these columns, with one column more a person who may wait."""
    starts, rows = _rows(pool, among)
    loose, times = pool.loose, 1024 if isinstance(noise, np.ndarray) else 1
    count = len(among) + len(loose)
    costs = pool.costs[among] * times + (noise if noise is not None else 0)
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = count, pool.size + 1
    model.col_cost_ = np.concatenate([costs, np.full(len(loose), pool.choice.waiting * times)]).astype(np.float64)
    model.col_lower_, model.col_upper_ = np.zeros(count), np.full(count, highspy.kHighsInf)
    model.row_lower_ = np.append(np.ones(pool.size), 0.0)
    model.row_upper_ = np.append(np.ones(pool.size), float(pool.choice.circles))
    model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    model.a_matrix_.start_ = np.concatenate([starts, starts[-1] + np.arange(1, len(loose) + 1)]).astype(np.int32)
    model.a_matrix_.index_ = np.concatenate([rows, loose]).astype(np.int32)
    model.a_matrix_.value_ = np.ones(len(rows) + len(loose))
    return model


def _take_in(solver: highspy.Highs, pool: Pool, wanted: Ints) -> None:
    starts, rows = _rows(pool, wanted)
    size = len(wanted)
    solver.addCols(
        size,
        pool.costs[wanted].astype(np.float64),
        np.zeros(size),
        np.full(size, highspy.kHighsInf),
        len(rows),
        starts[:-1],
        rows,
        np.ones(len(rows)),
    )
