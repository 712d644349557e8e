use std::io::Write as _;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};
use hyper::header::{ACCEPT_ENCODING, HeaderMap};
use tokio::task::spawn_blocking;

/// A body that is longer is compressed on another thread: meanwhile this one serves others.
const INLINE: usize = 64 << 10;

/// How a body can be compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    Gzip,
    Deflate,
}

impl Encoding {
    /// What the client takes and likes best (RFC 9110, section 12.5.3); of two that it likes as much,
    /// the first.
    pub(crate) fn negotiate(headers: &HeaderMap) -> Option<Self> {
        if !headers.contains_key(ACCEPT_ENCODING) {
            return None;
        }
        let offers =
            headers.get_all(ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
        let mut weights = Vec::new();
        let mut of_others = 0.0_f32;
        for offer in offers.flat_map(|value| value.split(',')) {
            let (name, weight) = offer.split_once(';').unwrap_or((offer, ""));
            let weight = match weight.trim().strip_prefix("q=") {
                Some(weight) => weight.parse().unwrap_or(0.0),
                None => 1.0,
            };
            match name.trim().to_ascii_lowercase().as_str() {
                "gzip" => weights.push((Self::Gzip, weight)),
                "deflate" => weights.push((Self::Deflate, weight)),
                // "any available content coding not explicitly listed"
                "*" => of_others = weight,
                _ => {}
            }
        }
        for encoding in [Self::Gzip, Self::Deflate] {
            if weights.iter().all(|(listed, _)| *listed != encoding) {
                weights.push((encoding, of_others));
            }
        }
        let mut best = (None, 0.0);
        for (encoding, weight) in weights {
            if weight > best.1 {
                best = (Some(encoding), weight);
            }
        }
        best.0
    }

    /// As the `Content-Encoding` has it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Deflate => "deflate",
        }
    }

    pub(crate) async fn compress(self, body: String) -> Bytes {
        if body.len() <= INLINE {
            return self.compress_now(&body);
        }
        let compressed = spawn_blocking(move || self.compress_now(&body)).await;
        compressed.expect("to compress does not panic, and nobody cancels it")
    }

    fn compress_now(self, body: &str) -> Bytes {
        let level = Compression::fast();
        let written = match self {
            Self::Gzip => {
                let mut encoder = GzEncoder::new(Vec::new(), level);
                encoder.write_all(body.as_bytes()).and_then(|()| encoder.finish())
            }
            Self::Deflate => {
                let mut encoder = ZlibEncoder::new(Vec::new(), level);
                encoder.write_all(body.as_bytes()).and_then(|()| encoder.finish())
            }
        };
        written.expect("a Vec takes every write").into()
    }
}
