//! The laws hold for an honest plan, and each catches the plan that breaks it.

use saga::inject::Strike;
use saga::laws::{LawBroken, Trial, Tried, check};
use saga::{Plan, Recorder, Step, StepError};
use serde_json::{Value, json};

use crate::toy::{Make, Way, World, plan};

struct OnTrial {
    world: World,
    plan: fn() -> Plan<World>,
}

impl Trial for OnTrial {
    type Ctx = World;

    fn plan(&self) -> Plan<World> {
        (self.plan)()
    }

    fn context(&self) -> World {
        self.world.clone()
    }

    fn input(&self) -> Value {
        json!("x")
    }

    async fn clean_slate(&self) -> Result<(), String> {
        let left = self.world.things();
        if left.is_empty() { Ok(()) } else { Err(format!("left behind: {left:?}")) }
    }

    async fn end_state(&self) -> Value {
        json!(self.world.things())
    }
}

async fn judge(plan: fn() -> Plan<World>) -> Result<Tried, LawBroken> {
    check(async || OnTrial { world: World::default(), plan }).await
}

#[tokio::test]
async fn an_honest_plan_keeps_all_laws() {
    let tried = judge(|| plan(&[Way::Works; 3])).await.unwrap();
    // 3 steps × 2 strikes × undo once and twice; two runs cut before and after each of 11 and 17 records.
    assert_eq!(tried, Tried { failures: 12, cuts: 2 * (11 + 17) });
}

/// Breaks one promise of a step's author.
struct Careless {
    breach: Breach,
}

enum Breach {
    /// Acts anew each time instead of looking first.
    NeverLooks,
    /// Undo relies on the output, which a failed step does not have.
    UndoTrustsOutput,
    /// Undo takes "already gone" for an error.
    UndoOnlyOnce,
    /// Fails by itself, so that the injected failure is never reached.
    FailsEarly,
}

impl Step<World> for Careless {
    fn name(&self) -> &'static str {
        "careless"
    }

    async fn run(&self, world: &mut World, rec: &mut Recorder<'_>) -> Result<Value, StepError> {
        let thing = match self.breach {
            Breach::NeverLooks => format!("thing-{}", world.things().len()),
            Breach::FailsEarly if world.acts() == 0 => return Err(StepError::failed("not in the mood")),
            _ => "thing".to_owned(),
        };
        Make { name: "inner", way: Way::Works }.run(world, rec).await?;
        world.place(&thing);
        Ok(json!(thing))
    }

    async fn undo(&self, world: &mut World, rec: &mut Recorder<'_>) -> Result<(), StepError> {
        Make { name: "inner", way: Way::Works }.undo(world, rec).await?;
        match self.breach {
            Breach::UndoTrustsOutput => {
                if rec.own_output::<String>()?.is_some() {
                    world.take_all();
                }
            }
            Breach::UndoOnlyOnce if world.things().is_empty() => return Err(StepError::failed("there is nothing")),
            _ => world.take_all(),
        }
        Ok(())
    }
}

#[tokio::test]
async fn acting_without_looking_breaks_the_law_of_repetition() {
    let broken = judge(|| Plan::new("toy", 1).then(Careless { breach: Breach::NeverLooks })).await.unwrap_err();
    assert_eq!(broken.law, "repeat", "{broken}");
}

#[tokio::test]
async fn an_undo_that_trusts_the_output_breaks_the_law_of_failure() {
    let broken = judge(|| Plan::new("toy", 1).then(Careless { breach: Breach::UndoTrustsOutput })).await.unwrap_err();
    assert_eq!(broken.law, "fail", "{broken}");
    assert!(broken.place.contains(&format!("{:?}", Strike::AfterActing)), "{broken}");
}

#[tokio::test]
async fn an_undo_that_works_once_breaks_the_law_of_failure_before_acting() {
    let broken = judge(|| Plan::new("toy", 1).then(Careless { breach: Breach::UndoOnlyOnce })).await.unwrap_err();
    assert_eq!(broken.law, "fail", "{broken}");
    assert!(broken.place.contains(&format!("{:?}", Strike::BeforeActing)), "{broken}");
}

#[tokio::test]
async fn a_plan_that_fails_by_itself_proves_nothing() {
    let broken = judge(|| Plan::new("toy", 1).then(Careless { breach: Breach::FailsEarly })).await.unwrap_err();
    assert_eq!(broken.law, "done", "{broken}");
}
