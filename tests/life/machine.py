"""Random lives, chosen (and when one goes wrong, made short) by hypothesis."""

from collections import Counter
from collections.abc import Sequence

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from tests.life.life import ACTIONS, EVERYBODY, Life
from tests.life.stage import Stage

STEPS = 16
EVERY = 250
"""Lives between two lines that say how far it is."""
PHASES = (Phase.explicit, Phase.generate, Phase.shrink)

some = st.integers(0, 99)
MINUTES = st.sampled_from([1, 10, 20, 60, 5 * 60, 24 * 60, 3 * 24 * 60, 8 * 24 * 60, 30 * 24 * 60])


class Lives(RuleBasedStateMachine):
    """Every choice is a number that no state limits: what comes later never changes what was chosen before."""

    stage: Stage
    tally: Counter[str]

    @initialize(who=some, where=some, urgent=st.booleans(), second=some)
    def begins(self, who: int, where: int, second: int, *, urgent: bool) -> None:
        self.stage.run(self.stage.begin())
        self.tally["lives"] += 1
        if self.tally["lives"] % EVERY == 0:
            print(f"  {self.tally['lives']} lives so far", flush=True)
        self.life = Life(self.stage, self.tally)
        # The first is a resident's: most of what happens, happens to those.
        self.stage.run(self.life.files(who % 3, where, urgent=urgent))
        self.stage.run(self.life.files(second, where, urgent=False))

    @rule(who=some, where=some, urgent=st.booleans())
    def files(self, who: int, where: int, *, urgent: bool) -> None:
        self.stage.run(self.life.files(who, where, urgent=urgent))

    @rule(which=some, pick=some, extra=some)
    def steps(self, which: int, pick: int, extra: int) -> None:
        self.stage.run(self.life.steps(which, pick, extra))

    @rule(which=some, pick=some, extra=some)
    def steps_again(self, which: int, pick: int, extra: int) -> None:
        self.stage.run(self.life.steps(which, pick, extra))

    @rule(which=some, pick=some, extra=some)
    def steps_once_more(self, which: int, pick: int, extra: int) -> None:
        self.stage.run(self.life.steps(which, pick, extra))

    @rule(which=some, action=st.sampled_from(ACTIONS), who=st.sampled_from(EVERYBODY), extra=some)
    def tries(self, which: int, action: object, who: str, extra: int) -> None:
        self.stage.run(self.life.tries(which, action, who, extra))  # type: ignore[arg-type]

    @rule(which=some, one=st.tuples(some, some, some), other=st.tuples(some, some, some))
    def act_at_once(self, which: int, one: tuple[int, int, int], other: tuple[int, int, int]) -> None:
        self.stage.run(self.life.at_once(which, one, other))

    @rule(which=some, action=some, who=some, extra=some)
    def act_while_sweeping(self, which: int, action: int, who: int, extra: int) -> None:
        self.stage.run(self.life.act_while_sweeping(which, action, who, extra))

    @rule(minutes=MINUTES)
    def time_passes(self, minutes: int) -> None:
        self.stage.run(self.life.jumps(minutes))

    @rule(minutes=MINUTES)
    def more_time_passes(self, minutes: int) -> None:
        self.stage.run(self.life.jumps(minutes))

    @rule(who=some, days=st.integers(1, 20))
    def goes_on_leave(self, who: int, days: int) -> None:
        self.stage.run(self.life.goes_on_leave(who, days))

    @rule()
    def comes_back(self) -> None:
        self.stage.run(self.life.comes_back())

    @rule(who=some)
    def duty_ends(self, who: int) -> None:
        self.stage.run(self.life.duty_ends(who))

    @rule()
    def duties_begin_again(self) -> None:
        self.stage.run(self.life.duties_begin_again())

    @rule(which=some, how=st.integers(0, 5))
    def region_changes(self, which: int, how: int) -> None:
        self.stage.run(self.life.region_changes(which, how))

    @invariant()
    def everything_holds(self) -> None:
        self.stage.run(self.life.check())


def live(stage: Stage, lives: int, *, steps: int = STEPS, phases: Sequence[Phase] = PHASES) -> Counter[str]:
    """Play that many lives of at most *steps* steps. Raises AssertionError with the shortest life that goes wrong."""
    tally: Counter[str] = Counter()
    machine = type("Lives", (Lives,), {"stage": stage, "tally": tally})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=lives,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=[*HealthCheck],
            database=None,
            print_blob=False,
            report_multiple_bugs=False,
            phases=phases,
        ),
    )
    return tally
