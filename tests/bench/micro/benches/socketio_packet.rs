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
        group.bench_function(BenchmarkId::new("the string, in words", size), |bencher| {
            bencher.iter(|| {
                let mut out = Vec::with_capacity(size + 2);
                write_string(&mut out, black_box(text));
                out
            });
        });
        group.bench_function(BenchmarkId::new("the string, serde_json", size), |bencher| {
            bencher.iter(|| {
                let mut out = Vec::with_capacity(size + 2);
                serde_json::to_writer(&mut out, black_box(text)).expect("JSON");
                out
            });
        });
    }
}

/// A string as JSON, looking at eight bytes at once for what has to be escaped. Where there is such a
/// byte, serde_json goes on.
fn write_string(out: &mut Vec<u8>, text: &str) {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    const HIGH: u64 = ONES << 7;
    let has_zero = |word: u64| word.wrapping_sub(ONES) & !word & HIGH;
    let needs_escape = |word: u64| {
        let control = word.wrapping_sub(ONES * 0x20) & !word & HIGH;
        control | has_zero(word ^ (ONES * b'"' as u64)) | has_zero(word ^ (ONES * b'\\' as u64))
            != 0
    };
    let (words, rest) = text.as_bytes().as_chunks::<8>();
    let rest_is_clean = rest.iter().all(|byte| *byte >= 0x20 && *byte != b'"' && *byte != b'\\');
    if !rest_is_clean || words.iter().any(|word| needs_escape(u64::from_ne_bytes(*word))) {
        serde_json::to_writer(out, text).expect("JSON");
        return;
    }
    out.push(b'"');
    out.extend_from_slice(text.as_bytes());
    out.push(b'"');
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
