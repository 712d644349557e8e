//! Lesson 16: how long a client waits, and what becomes of a dial.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use transcript::{Transcript, VirtualClock, step};

use super::subject::{
    Backoff, Clamp, Delays, Dial, DisconnectReason, Manager, ManagerEvent, Output, Reconnection,
    State,
};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);

/// Where the tests want no chance in it: a quarter sooner, with the defaults.
const SOONER: f64 = 0.25;

// Step 1: the delay.

#[test]
fn s1_each_delay_is_twice_the_one_before_up_to_the_longest() {
    let _step = step!();
    assert_eq!(delays_in_ms(without_jitter(), SOONER, 6), [1000, 2000, 4000, 5000, 5000, 5000]);
}

#[test]
fn s1_attempts_are_counted_until_the_reset() {
    let _step = step!();
    let mut backoff = Backoff::new(without_jitter());
    assert_eq!(backoff.attempts(), 0, "attempts at the beginning");
    for number in 1..=7 {
        backoff.next(SOONER);
        assert_eq!(backoff.attempts(), number, "attempts after {number} delays");
    }
    backoff.reset();
    assert_eq!(backoff.attempts(), 0, "attempts after the reset");
    assert_eq!(backoff.next(SOONER), SECOND, "the first delay after the reset");
}

#[test]
fn s1_the_first_and_the_longest_delay_are_settings() {
    let _step = step!();
    let quick = Delays { first: 10 * MS, max: 75 * MS, ..without_jitter() };
    assert_eq!(delays_in_ms(quick, SOONER, 5), [10, 20, 40, 75, 75]);
    let odd = Delays { first: 9 * SECOND, ..without_jitter() };
    assert_eq!(delays_in_ms(odd, SOONER, 2), [5000, 5000], "where the first is above the longest");
}

#[test]
fn s1_a_delay_is_a_number_of_whole_milliseconds() {
    let _step = step!();
    let fine = Delays { first: Duration::from_micros(1500), ..without_jitter() };
    assert_eq!(delays(fine, SOONER, 3), [MS, 3 * MS, 6 * MS]);
}

#[test]
fn s1_a_thousand_failures_wait_no_longer_than_five() {
    let _step = step!();
    let mut backoff = Backoff::new(without_jitter());
    for number in 1..=3000 {
        let delay = backoff.next(SOONER);
        assert!(number < 4 || delay == 5 * SECOND, "the delay before attempt {number}: {delay:?}");
    }
    assert_eq!(backoff.attempts(), 3000);
}

#[test]
fn s1_settings_that_no_clock_holds_give_a_very_long_time() {
    let _step = step!();
    let endless = Delays { max: Duration::MAX, ..without_jitter() };
    let last = *delays(endless, SOONER, 3000).last().expect("3000 delays");
    assert!(last > HOUR * 24 * 365 * 100, "the last of 3000 delays: {last:?}");
    let never = Delays { first: Duration::MAX, ..without_jitter() };
    assert_eq!(delays_in_ms(never, SOONER, 1), [5000]);
}

// Step 2: jitter.

#[test]
fn s2_one_random_number_says_how_far_and_which_way() {
    let _step = step!();
    // Below 0.1 sooner, below 0.2 later, below 0.3 sooner: the first decimal says which way.
    for (random, expected) in [
        (0.0, 1000),
        (0.05, 975),
        (0.15, 1075),
        (0.25, 875),
        (0.35, 1175),
        (0.5, 1250),
        (0.85, 575),
        (0.9999, 1499),
    ] {
        let came = delays_in_ms(Delays::default(), random, 1);
        assert_eq!(came, [expected], "the first delay with {random}");
    }
}

#[test]
fn s2_delays_are_those_of_the_reference() {
    let _step = step!();
    // socket.io-client 4.8.4, with Math.random = () => …
    for (random, expected) in [
        (0.0, [1000, 2000, 4000, 5000, 5000, 5000]),
        (0.0999, [951, 1901, 3801, 5000, 5000, 5000]),
        (0.1, [1050, 2100, 4200, 5000, 5000, 5000]),
        (0.35, [1175, 2350, 4700, 5000, 5000, 5000]),
        (0.5, [1250, 2500, 5000, 5000, 5000, 5000]),
        (0.77, [1385, 2770, 5000, 5000, 5000, 5000]),
        (0.85, [575, 1150, 2300, 4600, 5000, 5000]),
        (0.9999, [1499, 2999, 5000, 5000, 5000, 5000]),
    ] {
        assert_eq!(delays_in_ms(Delays::default(), random, 6), expected, "with {random}");
    }
}

#[test]
fn s2_chance_may_move_the_longest_delay_too() {
    let _step = step!();
    let clamped_first = Delays { clamp: Clamp::BeforeJitter, ..Delays::default() };
    assert_eq!(delays_in_ms(clamped_first.clone(), 0.85, 5), [575, 1150, 2300, 2875, 2875]);
    assert_eq!(delays_in_ms(clamped_first, 0.95, 5), [1475, 2950, 5900, 7375, 7375]);
}

#[test]
fn s2_a_jitter_that_is_none_moves_nothing() {
    let _step = step!();
    for jitter in [0.0, -0.5, 1.1, f64::NAN, f64::INFINITY] {
        let delays = Delays { jitter, ..Delays::default() };
        assert_eq!(delays_in_ms(delays, 0.85, 3), [1000, 2000, 4000], "with a jitter of {jitter}");
    }
    let all = Delays { jitter: 1.0, ..Delays::default() };
    assert_eq!(delays_in_ms(all, 0.85, 3), [150, 300, 600], "with a jitter of 1");
}

#[test]
fn s2_after_a_thousand_failures_it_does_not_dial_without_a_pause() {
    let _step = step!();
    assert_eq!(delays_in_ms(Delays::default(), 0.85, 1), [575], "the first delay, with 0.85");
    for random in [0.0, 0.5, 0.85, 0.95] {
        let mut backoff = Backoff::new(Delays::default());
        for number in 1..=3000 {
            let delay = backoff.next(random);
            let expected = number < 5 || delay == 5 * SECOND;
            assert!(expected, "the delay before attempt {number}, with {random}: {delay:?}");
        }
    }
}

#[test]
fn s2_a_thousand_clients_lose_one_server() {
    let _step = step!();
    let later = |delays: Delays| Delays { first: 5 * SECOND, ..delays };
    let clamped_first = Delays { clamp: Clamp::BeforeJitter, ..Delays::default() };
    let mut bars =
        "bars: Connections in each 100 ms since the server's return, of 1,000 clients; it was away for 10 s\n"
            .to_owned();
    for (name, delays) in [
        ("no jitter", without_jitter()),
        ("the defaults", Delays::default()),
        ("the defaults, but first: 5 s", later(Delays::default())),
        ("first: 5 s, and max before jitter", later(clamped_first)),
    ] {
        write!(bars, "\n== {name} ==\n{}", herd(&delays)).expect("a String takes every write");
    }
    insta::assert_snapshot!(bars);
}

#[test]
fn s2_no_delay_leaves_its_bounds() {
    let _step = step!();
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    let max = prop_oneof![1_u64..100_000, 1_u64..1 << 40];
    let settings = (1_u64..20_000, max, 0.0..=1.0, any::<bool>());
    proptest!(config, |((first, max, jitter, is_last) in settings, count in 0..40_u32, random in 0.0..1.0)| {
        let clamp = if is_last { Clamp::AfterJitter } else { Clamp::BeforeJitter };
        let delays = Delays { first: ms(first), max: ms(max), jitter, clamp };
        let mut backoff = Backoff::new(delays);
        let delay = (0..=count).map(|_| backoff.next(random)).last().expect("one at least");
        let doubled = first as f64 * f64::from(count).exp2();
        let (middle, most) = match clamp {
            Clamp::AfterJitter => (doubled, max as f64),
            Clamp::BeforeJitter => (doubled.min(max as f64), f64::INFINITY),
        };
        let came = delay.as_millis() as f64;
        let far = (random * jitter * middle).floor();
        let (sooner, later) = ((middle - far).min(most), (middle + far).min(most));
        prop_assert!(came == sooner || came == later, "expected {sooner} or {later} ms, came {came}");
        let (least, most) = (middle * (1.0 - jitter), middle * (1.0 + jitter));
        prop_assert!(came >= least.min(max as f64).floor() && came <= most, "{came} ms is out of bounds");
    });
}

// Step 3: dial, and dial again.

#[test]
fn s3_a_dial_becomes_a_connection() {
    let _step = step!();
    let mut scene = Scene::opening(Reconnection::default());
    scene.server_answers();
    assert!(matches!(scene.manager.state(), State::Open { .. }), "{:?}", scene.manager.state());
    assert_eq!(scene.manager.poll_timeout(), None, "a timeout while the connection is open");
    insta::assert_snapshot!(scene.transcript);
}

#[test]
fn s3_a_connection_that_ends_is_opened_again() {
    let _step = step!();
    let mut scene = Scene::open();
    scene.wait(12 * SECOND);
    scene.connection_ends(DisconnectReason::TransportClose);
    scene.timeout();
    scene.server_answers();
    insta::assert_snapshot!(scene.transcript);
}

#[test]
fn s3_the_first_dial_is_repeated_too() {
    let _step = step!();
    let mut scene = Scene::opening(without_limit());
    scene.server_refuses();
    scene.timeout();
    scene.server_answers();
    insta::assert_snapshot!(scene.transcript);
}

#[test]
fn s3_a_server_that_is_away_for_ten_seconds() {
    let _step = step!();
    let mut scene = Scene::open();
    scene.wait(MINUTE);
    scene.random = 0.85;
    scene.connection_ends(DisconnectReason::TransportClose);
    let back = scene.clock.now() + 10 * SECOND;
    for random in [0.35, 0.05, 0.5, 0.75] {
        scene.random = random;
        scene.timeout();
        if scene.clock.now() < back {
            scene.server_refuses();
        }
    }
    scene.transcript.note("the server is back");
    scene.server_answers();
    insta::assert_snapshot!(scene.transcript);
}

#[test]
fn s3_after_a_success_the_next_delay_is_the_first_again() {
    let _step = step!();
    let mut scene = Scene::open();
    for _ in 0..3 {
        scene.connection_ends(DisconnectReason::TransportError);
        scene.timeout();
        scene.server_refuses();
        scene.timeout();
        scene.server_answers();
        scene.wait(SECOND);
    }
    insta::assert_snapshot!(scene.transcript);
}

#[test]
fn s3_what_asks_again_is_the_time_and_not_the_call() {
    let _step = step!();
    let mut scene = Scene::opening(without_limit());
    scene.server_refuses();
    let until = scene.manager.poll_timeout().expect("a delay");
    scene.clock.advance(until - scene.clock.now() - MS);
    scene.manager.handle_timeout(scene.clock.now(), SOONER);
    assert_eq!(scene.drain(), 0, "outputs a millisecond before the delay is over");
    scene.clock.advance(MS);
    scene.manager.handle_timeout(scene.clock.now(), SOONER);
    assert_eq!(scene.drain(), 2, "outputs when the delay is over: the event, and the dial");
    scene.manager.handle_timeout(scene.clock.now(), SOONER);
    assert_eq!(scene.drain(), 0, "outputs when it is called once more");
}

#[test]
fn s3_whoever_cannot_wait_opens_and_that_is_the_attempt() {
    let _step = step!();
    let mut scene = Scene::opening(without_limit());
    scene.server_refuses();
    scene.timeout();
    scene.server_refuses();
    scene.wait(SECOND / 2);
    scene.app_opens();
    scene.app_opens();
    scene.transcript.note("it dials already");
    scene.server_answers();
    scene.app_opens();
    scene.transcript.note("it is open already");
    scene.connection_ends(DisconnectReason::TransportClose);
    scene.timeout();
    insta::assert_snapshot!(scene.transcript);
}

#[test]
fn s3_without_reconnection_it_is_over() {
    let _step = step!();
    let off = Reconnection { enabled: false, ..without_limit() };
    let mut scene = Scene::opening(off);
    scene.server_refuses();
    scene.transcript.phase("once more");
    scene.app_opens();
    scene.server_answers();
    scene.connection_ends(DisconnectReason::PingTimeout);
    assert_eq!(scene.manager.state(), State::Closed);
    assert_eq!(scene.manager.poll_timeout(), None, "a timeout of what is closed");
    insta::assert_snapshot!(scene.transcript);
}

#[test]
fn s3_without_a_limit_a_dial_takes_as_long_as_it_likes() {
    let _step = step!();
    let mut scene = Scene::opening(without_limit());
    assert_eq!(scene.manager.poll_timeout(), None, "a timeout of a dial without a limit");
    scene.wait(HOUR);
    scene.server_answers();
    let endless = Reconnection { connect_timeout: Some(Duration::MAX), ..Reconnection::default() };
    let scene = Scene::opening(endless);
    let deadline = scene.manager.poll_timeout().expect("a deadline, though a very late one");
    assert!(deadline > scene.clock.now() + 1000 * HOUR, "the deadline of a dial without an end");
}

// Step 4: what was decided.

#[test]
fn s4_an_accident_is_mended_and_a_decision_is_not() {
    let _step = step!();
    let mut table = String::new();
    for reason in REASONS {
        let mut scene = Scene::open();
        scene.connection_ends(reason);
        let what = match scene.manager.state() {
            State::Waiting { .. } => "dials again",
            State::Closed => "stays closed",
            State::Opening { .. } | State::Open { .. } => "goes on",
        };
        writeln!(table, "{:<22}{what}", reason.to_string()).expect("a String takes every write");
    }
    insta::assert_snapshot!(table);
}

#[test]
fn s4_who_was_put_out_stays_out() {
    let _step = step!();
    let mut scene = Scene::open();
    scene.connection_ends(DisconnectReason::ByServer);
    assert_eq!(scene.manager.poll_timeout(), None, "a timeout after the server's decision");
    scene.wait(HOUR);
    scene.app_opens();
    scene.transcript.note("unless the application wants it");
    scene.server_answers();
    insta::assert_snapshot!(scene.transcript);
}

#[test]
fn s4_a_close_ends_the_connection_and_all_attempts() {
    let _step = step!();
    let mut scene = Scene::open();
    scene.app_closes();
    scene.app_closes();
    scene.transcript.note("it is closed already");
    scene.transcript.phase("while it waits");
    scene.app_opens();
    scene.server_answers();
    scene.connection_ends(DisconnectReason::TransportClose);
    scene.timeout();
    scene.server_refuses();
    scene.app_closes();
    assert_eq!(scene.manager.poll_timeout(), None, "a timeout after the close");
    scene.wait(HOUR);
    scene.transcript.phase("while it dials");
    scene.app_opens();
    scene.app_closes();
    assert_eq!(scene.manager.poll_timeout(), None, "a timeout after the close");
    assert_eq!(scene.manager.state(), State::Closed);
    insta::assert_snapshot!(scene.transcript);
}

#[test]
fn s4_a_close_forgets_the_attempts() {
    let _step = step!();
    let slower = Delays { first: 2 * SECOND, ..Delays::default() };
    let mut scene = Scene::opening(Reconnection { delays: slower, ..without_limit() });
    for _ in 0..3 {
        scene.server_refuses();
        scene.timeout();
    }
    scene.transcript.phase("it dials");
    scene.app_closes();
    scene.app_opens();
    scene.server_refuses();
    scene.timeout();
    scene.server_refuses();
    scene.transcript.phase("it waits");
    scene.app_closes();
    scene.app_opens();
    scene.server_refuses();
    scene.timeout();
    scene.server_answers();
    insta::assert_snapshot!(scene.transcript);
}

// Step 5: when to give up.

#[test]
fn s5_a_dial_that_takes_too_long_is_hung_up() {
    let _step = step!();
    let hasty = Reconnection { connect_timeout: Some(8 * SECOND), ..Reconnection::default() };
    let mut scene = Scene::opening(hasty);
    assert_eq!(scene.manager.poll_timeout(), Some(scene.clock.now() + 8 * SECOND));
    scene.timeout();
    scene.timeout();
    scene.timeout();
    scene.timeout();
    scene.server_answers();
    insta::assert_snapshot!(scene.transcript);
}

#[test]
fn s5_an_answer_that_comes_too_late_counts_for_nothing() {
    let _step = step!();
    let mut scene = Scene::opening(Reconnection::default());
    let first = scene.dial;
    scene.timeout();
    scene.opened(first);
    scene.transcript.note("nobody waits for it");
    assert!(matches!(scene.manager.state(), State::Waiting { .. }), "{:?}", scene.manager.state());
    scene.timeout();
    scene.opened(first);
    scene.transcript.note("another is under way");
    scene.failed(first);
    assert!(matches!(scene.manager.state(), State::Opening { .. }), "{:?}", scene.manager.state());
    scene.server_answers();
    scene.opened(first);
    scene.failed(first);
    scene.closed(first, DisconnectReason::TransportClose);
    assert!(matches!(scene.manager.state(), State::Open { .. }), "{:?}", scene.manager.state());
    scene.app_closes();
    scene.failed(scene.dial);
    scene.closed(scene.dial, DisconnectReason::TransportClose);
    assert_eq!(scene.manager.state(), State::Closed);
    insta::assert_snapshot!(scene.transcript);
}

#[test]
fn s5_after_so_many_attempts_it_gives_up() {
    let _step = step!();
    let two = Reconnection { attempts: Some(2), ..Reconnection::default() };
    let mut scene = Scene::opening(two);
    for _ in 0..2 {
        scene.server_refuses();
        scene.timeout();
    }
    scene.server_refuses();
    assert_eq!(scene.manager.state(), State::Closed);
    scene.wait(HOUR);
    scene.transcript.phase("the application tries once more");
    scene.app_opens();
    scene.server_refuses();
    scene.timeout();
    scene.server_answers();
    scene.connection_ends(DisconnectReason::TransportClose);
    scene.timeout();
    insta::assert_snapshot!(scene.transcript);
}

#[test]
fn s5_with_no_attempt_at_all_it_gives_up_at_once() {
    let _step = step!();
    let none = Reconnection { attempts: Some(0), ..Reconnection::default() };
    let mut scene = Scene::opening(none);
    scene.server_refuses();
    scene.app_opens();
    scene.server_answers();
    scene.connection_ends(DisconnectReason::TransportClose);
    insta::assert_snapshot!(scene.transcript);
}

#[test]
fn s5_whatever_happens_there_is_one_dial_and_one_timer_at_most() {
    let _step = step!();
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    let attempts = prop_oneof![Just(None), (0_u32..4).prop_map(Some)];
    let limit = prop_oneof![Just(None), (0_u64..30_000).prop_map(|limit| Some(ms(limit)))];
    let happens = prop::collection::vec(happening(), 0..200);
    proptest!(config, |(enabled in any::<bool>(), attempts in attempts, connect_timeout in limit, happens in happens)| {
        let settings = Reconnection { enabled, attempts, connect_timeout, ..Reconnection::default() };
        let mut world = World::new(settings);
        for happening in happens {
            world.happen(happening);
        }
    });
}

// An hour, without a server that would stay.

#[test]
fn s5_an_hour_with_a_server_that_comes_and_goes() {
    let _step = step!();
    let mut random = Random(16);
    let mut world = World::new(Reconnection::default());
    world.happen(Happening::Open);
    let end = world.now + HOUR;
    while world.now < end {
        // Of ten dials five are refused, two are never answered, three become a connection for a while.
        let happening = match (world.manager.state(), random.below(10)) {
            (State::Opening { .. }, 0..5) => Happening::Failed { latest: true },
            (State::Opening { .. }, 5..7) | (State::Waiting { .. }, _) => Happening::Timeout,
            (State::Opening { .. }, _) => Happening::Opened { latest: true },
            (State::Open { .. }, reason) => {
                world.now += SECOND * random.below(30) as u32;
                let accidents = &REASONS[2..];
                Happening::Closed { latest: true, reason: accidents[reason % accidents.len()] }
            }
            (State::Closed, _) => panic!("it has given up after {:?}", world.counts),
        };
        world.happen(happening);
    }
    let mut table = String::new();
    for (event, count) in &world.counts {
        writeln!(table, "{event:<18}{count:>4}").expect("a String takes every write");
    }
    insta::assert_snapshot!(table);
}

// What the tests above stand on.

const MS: Duration = Duration::from_millis(1);

const REASONS: [DisconnectReason; 6] = [
    DisconnectReason::ByServer,
    DisconnectReason::ByClient,
    DisconnectReason::PingTimeout,
    DisconnectReason::TransportClose,
    DisconnectReason::TransportError,
    DisconnectReason::ParseError,
];

fn ms(count: u64) -> Duration {
    Duration::from_millis(count)
}

fn without_jitter() -> Delays {
    Delays { jitter: 0.0, ..Delays::default() }
}

/// For steps 3 and 4: what becomes of a dial that takes too long is step 5.
fn without_limit() -> Reconnection {
    Reconnection { connect_timeout: None, ..Reconnection::default() }
}

fn delays(delays: Delays, random: f64, count: usize) -> Vec<Duration> {
    let mut backoff = Backoff::new(delays);
    (0..count).map(|_| backoff.next(random)).collect()
}

fn delays_in_ms(settings: Delays, random: f64, count: usize) -> Vec<u128> {
    delays(settings, random, count).iter().map(Duration::as_millis).collect()
}

/// When a thousand clients are back that lost their server at the same moment, for ten seconds: a line
/// for each second since, with a number for each tenth of it.
fn herd(delays: &Delays) -> String {
    const AWAY: Duration = Duration::from_secs(10);
    let mut random = Random(1000);
    let mut bars = BTreeMap::new();
    for _ in 0..1000 {
        let mut backoff = Backoff::new(delays.clone());
        let mut now = Duration::ZERO;
        while now < AWAY {
            now += backoff.next(random.next());
        }
        *bars.entry((now - AWAY).as_millis() / 100).or_insert(0) += 1;
    }
    let mut lines = String::new();
    for second in 0..8 {
        let tenths = (second * 10..second * 10 + 10).map(|tenth| bars.get(&tenth).unwrap_or(&0));
        let tenths: Vec<_> = tenths.map(|count| format!("{count:>4}")).collect();
        writeln!(lines, "{second}s  {}", tenths.join(" ")).expect("a String takes every write");
    }
    lines
}

/// Random numbers that are the same in every run (splitmix64).
struct Random(u64);

impl Random {
    /// In `[0, 1)`.
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() * limit as f64) as usize
    }
}

/// An application, a client that is a manager and what it does, and a server that the test plays.
struct Scene {
    clock: VirtualClock,
    transcript: Transcript,
    manager: Manager,
    random: f64,
    /// The latest.
    dial: Option<Dial>,
    /// The state that the transcript tells.
    told: State,
}

impl Scene {
    fn opening(settings: Reconnection) -> Self {
        let clock = VirtualClock::new();
        let transcript = Transcript::timed_by(&clock, &["application", "client", "server"]);
        let manager = Manager::new(settings);
        let told = manager.state();
        let mut scene = Self { clock, transcript, manager, random: SOONER, dial: None, told };
        scene.app_opens();
        scene
    }

    fn open() -> Self {
        let mut scene = Self::opening(without_limit());
        scene.server_answers();
        scene
    }

    fn app_opens(&mut self) {
        self.transcript.message("application", "client", "open");
        self.manager.open(self.clock.now());
        self.drain();
    }

    fn app_closes(&mut self) {
        self.transcript.message("application", "client", "close");
        self.manager.close();
        self.drain();
    }

    fn server_answers(&mut self) {
        self.opened(self.dial);
    }

    fn server_refuses(&mut self) {
        self.failed(self.dial);
    }

    fn connection_ends(&mut self, reason: DisconnectReason) {
        self.closed(self.dial, reason);
    }

    fn opened(&mut self, dial: Option<Dial>) {
        let which = self.which(dial);
        self.transcript.message("server", "client", format!("answers{which}"));
        self.manager.handle_opened(dial.expect("it dialled"));
        self.drain();
    }

    fn failed(&mut self, dial: Option<Dial>) {
        let which = self.which(dial);
        self.transcript.message("server", "client", format!("refuses{which}"));
        let dial = dial.expect("it dialled");
        self.manager.handle_failed(dial, "connection refused", self.clock.now(), self.random);
        self.drain();
    }

    fn closed(&mut self, dial: Option<Dial>, reason: DisconnectReason) {
        let which = if dial == self.dial { "the connection" } else { "the earlier one" };
        self.transcript.message("server", "client", format!("ends {which}: {reason}"));
        let dial = dial.expect("it dialled");
        self.manager.handle_closed(dial, reason, self.clock.now(), self.random);
        self.drain();
    }

    /// Whatever the client waits for falls due.
    fn timeout(&mut self) {
        let Some(due) = self.manager.poll_timeout() else {
            panic!("nothing to wait for: the client is {:?}", self.manager.state());
        };
        self.clock.advance(due - self.clock.now());
        self.manager.handle_timeout(due, self.random);
        self.drain();
    }

    /// Time passes, and the client is asked whether it wants something, as often as it wants to.
    fn wait(&mut self, by: Duration) {
        let end = self.clock.now() + by;
        while self.manager.poll_timeout().is_some_and(|due| due <= end) {
            self.timeout();
        }
        self.clock.advance(end - self.clock.now());
    }

    /// How many outputs there were.
    fn drain(&mut self) -> usize {
        let outputs: Vec<_> = std::iter::from_fn(|| self.manager.poll_output()).collect();
        for output in &outputs {
            match output {
                Output::Dial(dial) => {
                    self.dial = Some(*dial);
                    self.transcript.message("client", "server", "dials");
                }
                Output::HangUp(dial) => {
                    let which = self.which(Some(*dial));
                    self.transcript.message("client", "server", format!("hangs up{which}"));
                }
                Output::Event(event) => {
                    self.transcript.message("client", "application", event.to_string());
                }
            }
        }
        let state = self.manager.state();
        if let State::Waiting { until } = state
            && state != self.told
        {
            self.transcript.event("client", format!("waits {:?}", until - self.clock.now()));
        }
        self.told = state;
        outputs.len()
    }

    /// What is told of a dial where it is not the latest.
    fn which(&self, dial: Option<Dial>) -> &'static str {
        if dial == self.dial { "" } else { " the earlier dial" }
    }
}

/// What may happen to a manager. `latest`: to its latest dial, and not to the one before.
#[derive(Clone, Copy, Debug)]
enum Happening {
    Open,
    Close,
    Opened { latest: bool },
    Failed { latest: bool },
    Closed { latest: bool, reason: DisconnectReason },
    Timeout,
    Later(Duration),
}

fn happening() -> impl Strategy<Value = Happening> {
    let latest = || prop::bool::weighted(0.8);
    let closed = (latest(), prop::sample::select(REASONS.to_vec()))
        .prop_map(|(latest, reason)| Happening::Closed { latest, reason });
    prop_oneof![
        Just(Happening::Open),
        Just(Happening::Close),
        latest().prop_map(|latest| Happening::Opened { latest }),
        latest().prop_map(|latest| Happening::Failed { latest }),
        closed,
        Just(Happening::Timeout),
        (0_u64..10_000).prop_map(|count| Happening::Later(ms(count))),
    ]
}

/// A manager, and all that must be true of what it does.
struct World {
    manager: Manager,
    now: Instant,
    random: Random,
    /// The latest last.
    dials: Vec<Dial>,
    /// What was dialled, and not hung up, refused or ended since.
    alive: Option<Dial>,
    counts: BTreeMap<String, usize>,
}

impl World {
    fn new(settings: Reconnection) -> Self {
        Self {
            manager: Manager::new(settings),
            now: Instant::now(),
            random: Random(7),
            dials: Vec::new(),
            alive: None,
            counts: BTreeMap::new(),
        }
    }

    fn happen(&mut self, happening: Happening) {
        let random = self.random.next();
        match happening {
            Happening::Open => self.manager.open(self.now),
            Happening::Close => self.manager.close(),
            Happening::Opened { latest } => {
                if let Some(dial) = self.dial(latest) {
                    self.manager.handle_opened(dial);
                }
            }
            Happening::Failed { latest } => {
                if let Some(dial) =
                    self.ended(latest, |state| matches!(state, State::Opening { .. }))
                {
                    self.manager.handle_failed(dial, "refused", self.now, random);
                }
            }
            Happening::Closed { latest, reason } => {
                if let Some(dial) = self.ended(latest, |state| matches!(state, State::Open { .. }))
                {
                    self.manager.handle_closed(dial, reason, self.now, random);
                }
            }
            Happening::Timeout => {
                self.now = self.manager.poll_timeout().map_or(self.now, |due| due.max(self.now));
                self.manager.handle_timeout(self.now, random);
            }
            Happening::Later(by) => {
                self.now += by;
                self.manager.handle_timeout(self.now, random);
            }
        }
        self.drain();
        self.check();
    }

    fn dial(&self, latest: bool) -> Option<Dial> {
        let back = if latest { 1 } else { 2 };
        self.dials.len().checked_sub(back).map(|index| self.dials[index])
    }

    /// The dial that ends now: it is not alive any more if it could end in this way.
    fn ended(&mut self, latest: bool, could: fn(State) -> bool) -> Option<Dial> {
        let dial = self.dial(latest);
        if dial == self.alive && could(self.manager.state()) {
            self.alive = None;
        }
        dial
    }

    fn drain(&mut self) {
        let mut outputs = 0;
        while let Some(output) = self.manager.poll_output() {
            outputs += 1;
            match output {
                Output::Dial(dial) => {
                    assert_eq!(self.alive, None, "dialled while this was alive still");
                    assert!(
                        !self.dials.contains(&dial),
                        "expected a new dial, came {dial:?} again"
                    );
                    self.alive = Some(dial);
                    self.dials.push(dial);
                    // Only the last two are asked for.
                    if self.dials.len() > 2 {
                        self.dials.remove(0);
                    }
                }
                Output::HangUp(dial) => {
                    if self.alive == Some(dial) {
                        self.alive = None;
                    }
                }
                Output::Event(event) => self.count(&event),
            }
        }
        // It hangs up, and tells of an error, of the attempt that failed, and that it was the last.
        assert!(outputs <= 4, "expected four outputs at most, came {outputs}");
    }

    fn count(&mut self, event: &ManagerEvent) {
        let name = event.to_string();
        let name = name.split([' ', ':']).next().unwrap_or_default();
        *self.counts.entry(name.to_owned()).or_default() += 1;
    }

    fn check(&self) {
        match self.manager.state() {
            State::Closed => {
                assert_eq!(self.alive, None, "closed, and this is alive still");
                assert_eq!(self.manager.poll_timeout(), None, "closed, and waiting");
            }
            State::Opening { dial, deadline } => {
                assert_eq!(self.alive, Some(dial), "what is alive while it is opening");
                assert_eq!(self.manager.poll_timeout(), deadline);
            }
            State::Open { dial } => {
                assert_eq!(self.alive, Some(dial), "what is alive while it is open");
                assert_eq!(self.manager.poll_timeout(), None, "open, and waiting");
            }
            State::Waiting { until } => {
                assert_eq!(self.alive, None, "it waits, and this is alive still");
                assert_eq!(self.manager.poll_timeout(), Some(until));
                let waits = until.saturating_duration_since(self.now);
                assert!(waits <= 5 * SECOND, "expected a wait of 5 s at most, came {waits:?}");
            }
        }
    }
}
