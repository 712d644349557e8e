//! How long it takes to find whom a selection means, and to join and leave.
//!
//!     cargo bench -p micro-bench --bench socketio_rooms

use std::collections::{BTreeSet, HashMap, HashSet};
use std::hint::black_box;
use std::sync::Arc;

use criterion::{Criterion, criterion_group, criterion_main};
use socketio_rooms::{Rooms, Selection};

/// What stands for a socket: a shared connection, of which a server takes a clone.
type Member = Arc<usize>;

fn house(size: usize) -> Rooms<Member> {
    let mut rooms = Rooms::default();
    for number in 0..size {
        let id = format!("{number:020}");
        rooms.insert(id.as_str().into(), Arc::new(number));
        // Each of ten rooms has every tenth socket, and each of two has half of those as well.
        rooms.join(&id, &format!("room {}", number % 10));
        rooms.join(&id, &format!("half {}", number % 20));
    }
    rooms
}

fn to(room: &str) -> Selection {
    Selection::default().to(room)
}

fn select(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("select, and clone what stands for each");
    let rooms = house(500);
    let everybody = house(1000);
    let me = "00000000000000000010";
    for (name, rooms, selection) in [
        ("a room of 50 of 500", &rooms, to("room 0")),
        ("the same, but for one", &rooms, to("room 0").except(me)),
        ("the same, but for half of them", &rooms, to("room 0").except("half 10")),
        ("that room and 25 of the same", &rooms, to("room 0").to("half 10")),
        ("two rooms of 50", &rooms, to("room 0").to("room 1")),
        (
            "ten rooms of 50",
            &rooms,
            (0..10).fold(Selection::default(), |all, n| all.to(format!("room {n}"))),
        ),
        ("one of 500, by its id", &rooms, to(me)),
        ("everybody of 1000", &everybody, Selection::default()),
        ("everybody of 1000, but for one", &everybody, Selection::default().except(me)),
    ] {
        group.bench_function(name, |bencher| {
            bencher.iter(|| -> Vec<Member> {
                rooms.select(black_box(&selection)).map(|(_, member)| member.clone()).collect()
            });
        });
    }
    for size in [50, 1000] {
        let list: Vec<Member> = (0..size).map(Arc::new).collect();
        group.bench_function(format!("a list of {size}, kept for it"), |bencher| {
            bencher.iter(|| black_box(&list).clone());
        });
    }
    group.bench_function("the selection itself: to a room, except one", |bencher| {
        bencher.iter(|| to(black_box("room 0")).except(black_box(me)));
    });
}

/// What the reference does, in words of Rust: ids in sets, looked up one by one.
fn by_id(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("the same, by ids in sets");
    let mut sockets: HashMap<String, Member> = HashMap::new();
    let mut rooms: HashMap<String, HashSet<String>> = HashMap::new();
    for number in 0..500 {
        let id = format!("{number:020}");
        rooms.entry(format!("room {}", number % 10)).or_default().insert(id.clone());
        sockets.insert(id, Arc::new(number));
    }
    group.bench_function("a room of 50 of 500", |bencher| {
        bencher.iter(|| -> Vec<Member> {
            rooms[black_box("room 0")].iter().map(|id| sockets[id].clone()).collect()
        });
    });
    group.bench_function("two rooms of 50", |bencher| {
        bencher.iter(|| -> Vec<Member> {
            let mut seen = HashSet::new();
            let ids = ["room 0", "room 1"].into_iter().flat_map(|room| &rooms[black_box(room)]);
            ids.filter(|id| seen.insert(*id)).map(|id| sockets[id].clone()).collect()
        });
    });
}

/// Three ways to take out what is there twice.
fn union(criterion: &mut Criterion) {
    for size in [50_u32, 1000] {
        let mut group = criterion.benchmark_group(format!("unite two lists of {size} numbers"));
        let lists: [Vec<u32>; 2] =
            [0, 7].map(|salt| (0..size).map(|n| ((n * 37) % 4096) ^ salt).collect());
        let all = || black_box(&lists).iter().flatten().copied();
        group.bench_function("sort and drop", |bencher| {
            bencher.iter(|| {
                let mut all: Vec<u32> = all().collect();
                all.sort_unstable();
                all.dedup();
                all
            });
        });
        group.bench_function("a HashSet", |bencher| {
            bencher.iter(|| all().collect::<HashSet<u32>>());
        });
        group.bench_function("a BTreeSet", |bencher| {
            bencher.iter(|| all().collect::<BTreeSet<u32>>());
        });
    }
}

fn change(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("change");
    let mut rooms = house(500);
    let me = "00000000000000000010";
    group.bench_function("join and leave a room of 50", |bencher| {
        bencher.iter(|| rooms.join(me, "room 1") && rooms.leave(me, "room 1"));
    });
    group.bench_function("join and leave a room of one's own", |bencher| {
        bencher.iter(|| rooms.join(me, "a room") && rooms.leave(me, "a room"));
    });
    let one = Arc::new(0);
    group.bench_function("come, join two rooms, go", |bencher| {
        bencher.iter(|| {
            rooms.insert("a new one, 20 bytes.".into(), one.clone());
            rooms.join("a new one, 20 bytes.", "room 1");
            rooms.join("a new one, 20 bytes.", "room 2");
            rooms.remove("a new one, 20 bytes.")
        });
    });
}

criterion_group!(benches, select, by_id, union, change);
criterion_main!(benches);
