//! How long an event takes to be written and read, and what would be gained by reading less or more.
//!
//!     cargo bench -p micro-bench --bench socketio_packet

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use serde_json::Value;
use socketio_packet::{
    EncodedPacket, Json, Message, Namespace, Packet, Parser, RawArgs, Reassembly,
};

/// The sizes of a line of a chat, of a long text and of a document.
const SIZES: [usize; 3] = [32, 1 << 10, 1 << 16];

fn text(size: usize) -> String {
    "What was said, as people say it. ".chars().cycle().take(size).collect()
}

fn write(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("write an event");
    let (json, nsp) = (Json::default(), Namespace::MAIN);
    for size in SIZES {
        let text = &*text(size);
        group.throughput(Throughput::Bytes(size as u64));
        group.bench_function(BenchmarkId::new("anew", size), |bencher| {
            bencher.iter(|| EncodedPacket::event(&json, &nsp, None, "message", black_box(text)));
        });
        let packet = EncodedPacket::event(&json, &nsp, None, "message", text).expect("JSON");
        group.bench_function(BenchmarkId::new("a clone", size), |bencher| {
            bencher.iter(|| black_box(&packet).clone());
        });
        group.bench_function(BenchmarkId::new("serde_json alone", size), |bencher| {
            bencher.iter(|| serde_json::to_string(&("message", black_box(text))));
        });
    }
}

fn read(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("read an event");
    let json = Json::default();
    for size in SIZES {
        let text = format!(r#"2["message","{}"]"#, text(size));
        let message = Message::from(&*text);
        group.throughput(Throughput::Bytes(size as u64));
        group.bench_function(BenchmarkId::new("its name", size), |bencher| {
            bencher.iter(|| args(&json, black_box(&message)));
        });
        group.bench_function(BenchmarkId::new("its name and a String", size), |bencher| {
            bencher.iter(|| args(&json, black_box(&message)).decode::<String>());
        });
        group.bench_function(BenchmarkId::new("all of it as a Value", size), |bencher| {
            bencher.iter(|| serde_json::from_str::<Vec<Value>>(black_box(&text[1..])));
        });
    }
}

fn args(json: &Json, message: &Message) -> RawArgs {
    match json.decode(message.clone(), &mut Reassembly::default()) {
        Ok(Some(Packet::Event { args, .. })) => args,
        other => panic!("expected an event, came {other:?}"),
    }
}

criterion_group!(benches, write, read);
criterion_main!(benches);
