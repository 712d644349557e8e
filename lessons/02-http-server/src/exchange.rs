use http_message::{Request, Response, Version};

/// One request and its answer: what of the request decides how the answer travels. The handler
/// consumes the rest.
#[derive(Debug)]
pub(crate) struct Exchange {
    is_head: bool,
    version: Version,
    goes_on: bool,
}

impl Exchange {
    pub(crate) fn of(request: &Request) -> Self {
        Self {
            is_head: request.method == "HEAD",
            version: request.version,
            goes_on: persists(request),
        }
    }

    /// The server wants this exchange to be the connection's last.
    pub(crate) fn end(&mut self) {
        self.goes_on = false;
    }

    /// Whether the connection takes another request after this answer.
    pub(crate) fn goes_on(&self) -> bool {
        self.goes_on
    }

    /// The answer as it travels. It says whether the connection goes on wherever that is not what
    /// the client's version of HTTP takes for granted (RFC 9112, section 9.3).
    pub(crate) fn answer(&mut self, response: Response) -> Vec<u8> {
        if response.headers().has_token("connection", "close") {
            self.end();
            return self.to_bytes(&response);
        }
        let response = match (self.goes_on, self.version) {
            (false, _) => response.closing(),
            (true, Version::Http10) => response
                .with_header("Connection", "keep-alive")
                .expect("a header without line breaks can be sent"),
            (true, Version::Http11) => response,
        };
        self.to_bytes(&response)
    }

    /// The bytes of a response to this request.
    ///
    /// "The server MUST NOT send content in the response" to HEAD (RFC 9110, section 9.3.2). Its
    /// `Content-Length` is that of the body which GET would have got, so a client could not tell a
    /// body from the next answer.
    fn to_bytes(&self, response: &Response) -> Vec<u8> {
        // TODO step 2.3, continued: see `persists` in src/exchange.rs
        response.to_bytes()
    }
}

/// Whether the client means to go on after this request (RFC 9112, section 9.3): with `close` in
/// `Connection` never; else in HTTP/1.1 always, in HTTP/1.0 with `keep-alive` in `Connection`.
fn persists(request: &Request) -> bool {
    // TODO step 2.3: One connection, many requests
    //
    // Until now every connection ends after one answer. `persists` says whether the client means to
    // go on: not with `close` in its `Connection` header; else in HTTP/1.1 yes, and in HTTP/1.0
    // with `keep-alive` there. Now the client has to know exactly where an answer ends, so in
    // `to_bytes` an answer to `HEAD` (`self.is_head`) is a head and nothing more. And where a
    // connection does end, `close` does it in stages: shut down our side
    // (`self.stream.shutdown()`), then read and discard what still comes, at most `linger_bytes`,
    // all of it within `linger`. (RFC 9112, sections 9.3 and 9.6; RFC 9110, section 9.3.2)
    //
    // What you can use: `request.headers.has_token(name, token)`, `response.head_to_bytes()`,
    // `take(count)` of a reader, `tokio::io::copy`, `tokio::io::sink()`, `timeout`.
    //
    // Stuck? cargo course hint 2.3
    false
}
