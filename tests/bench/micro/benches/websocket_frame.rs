//! How long frames take, beside tungstenite's.
//!
//!     cargo bench -p micro-bench --bench websocket_frame
//!
//! tungstenite's mask is private, so the mask alone is compared with the loop that the RFC writes,
//! and whole frames are compared with tungstenite: sent into a writer that drops them, and received
//! from a reader that never runs dry.

use std::hint::black_box;
use std::io::{self, Cursor, Read, Write};
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use tungstenite::protocol::Role as TheirRole;
use tungstenite::protocol::frame::coding::{Data, OpCode};
use tungstenite::protocol::frame::{self as theirs, FrameSocket};
use tungstenite::{Bytes, WebSocket};
use websocket_frame::{Config, Frame, FrameDecoder, FrameHeader, MaskKey, Opcode, Part, Role};

const KEY: MaskKey = MaskKey([0x37, 0xfa, 0x21, 0x3d]);

/// The sizes of an event, of a long text and of a picture.
const SIZES: [usize; 3] = [32, 1 << 10, 1 << 16];

/// As much is read at once: tungstenite's default.
const READ_AT_ONCE: usize = 128 << 10;

fn mask(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("mask");
    for size in SIZES {
        let mut payload = vec![b'a'; size];
        group.throughput(Throughput::Bytes(size as u64));
        group.bench_function(BenchmarkId::new("bytes", size), |bencher| {
            bencher.iter(|| mask_bytes(black_box(&mut payload), black_box(KEY)));
        });
        group.bench_function(BenchmarkId::new("words", size), |bencher| {
            bencher.iter(|| black_box(KEY).apply(black_box(&mut payload), 0));
        });
    }
}

/// Section 5.3 of the RFC, word for word.
fn mask_bytes(payload: &mut [u8], MaskKey(key): MaskKey) {
    for (i, byte) in payload.iter_mut().enumerate() {
        *byte ^= key[i % 4];
    }
}

fn read_header(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("read header");
    let config = Config::new(Role::Server);
    for size in SIZES {
        let header = masked_frame(size);
        group.bench_function(BenchmarkId::new("ours", size), |bencher| {
            bencher.iter(|| FrameHeader::decode(black_box(&header), &config));
        });
        group.bench_function(BenchmarkId::new("tungstenite", size), |bencher| {
            bencher.iter(|| theirs::FrameHeader::parse(&mut Cursor::new(black_box(&header))));
        });
    }
}

fn send(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("send masked");
    for size in SIZES {
        let payload = Bytes::from(vec![b'a'; size]);
        group.throughput(Throughput::Bytes(size as u64));
        group.bench_function(BenchmarkId::new("ours", size), |bencher| {
            let mut out = Vec::new();
            bencher.iter(|| {
                let payload = black_box(&payload);
                out.clear();
                Frame { is_final: true, opcode: Opcode::Binary, payload }
                    .encode(Some(KEY), &mut out);
                io::sink().write_all(black_box(&out))
            });
        });
        group.bench_function(BenchmarkId::new("tungstenite", size), |bencher| {
            let mut socket = FrameSocket::new(io::sink());
            bencher.iter(|| {
                let payload = black_box(&payload).clone();
                let mut frame = theirs::Frame::message(payload, OpCode::Data(Data::Binary), true);
                frame.header_mut().mask = Some(KEY.0);
                socket.write(frame)
            });
        });
    }
}

fn receive(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("receive masked");
    for size in SIZES {
        let frame = masked_frame(size);
        group.throughput(Throughput::Bytes(size as u64));
        group.bench_function(BenchmarkId::new("ours", size), |bencher| {
            let mut receiver = Receiver::new(Endless::new(&frame));
            bencher.iter(|| receiver.read());
        });
        group.bench_function(BenchmarkId::new("tungstenite", size), |bencher| {
            let mut socket =
                WebSocket::from_raw_socket(Endless::new(&frame), TheirRole::Server, None);
            bencher.iter(|| socket.read().expect("a right frame").into_data());
        });
    }
}

/// Reads payloads as the next layer will: into one buffer, and from there each into its own.
struct Receiver {
    stream: Endless,
    decoder: FrameDecoder,
    buffer: Box<[u8]>,
    /// What of the buffer is filled and not taken.
    waiting: std::ops::Range<usize>,
}

impl Receiver {
    fn new(stream: Endless) -> Self {
        let decoder = FrameDecoder::new(Config::new(Role::Server));
        Self { stream, decoder, buffer: vec![0; READ_AT_ONCE].into(), waiting: 0..0 }
    }

    fn read(&mut self) -> Vec<u8> {
        let mut message = Vec::new();
        loop {
            let mut input = &mut self.buffer[self.waiting.clone()];
            let mut is_end = false;
            while !is_end
                && let Some(part) = self.decoder.next_part(&mut input).expect("a right frame")
            {
                match part {
                    Part::Header(header) => message.reserve_exact(header.payload_len as usize),
                    Part::Payload(piece) => message.extend_from_slice(piece),
                    Part::End => is_end = true,
                }
            }
            self.waiting.start = self.waiting.end - input.len();
            if is_end {
                return message;
            }
            let count = self.stream.read(&mut self.buffer).expect("it never runs dry");
            self.waiting = 0..count;
        }
    }
}

/// The same bytes over and over.
struct Endless {
    bytes: Vec<u8>,
    period: usize,
    position: usize,
}

impl Endless {
    fn new(frame: &[u8]) -> Self {
        let bytes = frame.repeat(1 + 2 * READ_AT_ONCE / frame.len());
        Self { bytes, period: frame.len(), position: 0 }
    }
}

impl Read for Endless {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = buffer.len().min(READ_AT_ONCE);
        buffer[..count].copy_from_slice(&self.bytes[self.position..][..count]);
        self.position = (self.position + count) % self.period;
        Ok(count)
    }
}

impl Write for Endless {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn masked_frame(size: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    let payload = vec![b'a'; size];
    Frame { is_final: true, opcode: Opcode::Binary, payload: &payload }
        .encode(Some(KEY), &mut bytes);
    bytes
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2));
    targets = mask, read_header, send, receive
}
criterion_main!(benches);
