//! A session in the terminal: you are the client, and the clock.
//!
//!     cargo run -p engineio-session --example session
//!
//! Each line is one thing that happens. `help` says which there are. Lines may come from a file, too:
//!
//!     printf 'get\nwait 25\npost 3\n' | cargo run -p engineio-session --example session

use std::io::{self, BufRead, IsTerminal, Write};
use std::time::{Duration, Instant};

use engineio_packet::{Frame, Message, Sid, payload};
use engineio_session::{Config, Event, Input, Output, Session};

const HELP: &str = "\
The client:       get             a GET comes, and waits
                  post 4hello     a POST with this body; | stands between two packets
                  ws              opens a WebSocket with the session's id
                  2probe          whatever begins with a digit is a packet over the WebSocket
                  gone            the WebSocket ends
The application:  send hello      sends a message
                  close           closes the session
The clock:        wait 25         that many seconds pass";

fn main() -> io::Result<()> {
    let mut terminal = Terminal::new();
    println!("A session has begun, by GET. `help` says what may happen to it.\n");
    terminal.show_outputs();
    let is_typed = io::stdin().is_terminal();
    loop {
        print!("{:>5}s  ", terminal.seconds());
        io::stdout().flush()?;
        let mut line = String::new();
        if io::stdin().lock().read_line(&mut line)? == 0 {
            println!();
            return Ok(());
        }
        if !is_typed {
            print!("{line}");
        }
        terminal.perform(line.trim());
    }
}

struct Terminal {
    session: Session,
    began: Instant,
    now: Instant,
}

impl Terminal {
    fn new() -> Self {
        let began = Instant::now();
        let session = Session::open_polling(Sid::from("A"), Config::default(), began);
        Self { session, began, now: began }
    }

    fn seconds(&self) -> u64 {
        (self.now - self.began).as_secs()
    }

    fn perform(&mut self, line: &str) {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        match word {
            "" => {}
            "help" => println!("{HELP}"),
            "get" => self.hand_in(Input::Get),
            "post" => self.hand_in(Input::Post(rest.replace('|', "\u{1e}").into())),
            "ws" => self.hand_in(Input::WebSocketOpened),
            "gone" => self.hand_in(Input::WebSocketClosed),
            "send" => self.hand_in(Input::Send(Message::from(rest).into())),
            "close" => self.hand_in(Input::Close),
            "wait" => match rest.parse() {
                Ok(seconds) => self.wait(Duration::from_secs(seconds)),
                Err(_) => println!("        expected whole seconds, as in wait 25, came {rest:?}"),
            },
            _ if line.starts_with(|first: char| first.is_ascii_digit()) => {
                self.hand_in(Input::Frame(Frame::Text(line.into())));
            }
            _ => println!(
                "        expected get, post, ws, a packet, gone, send, close or wait, came {word:?}; try help"
            ),
        }
    }

    fn hand_in(&mut self, input: Input) {
        let came = self.session.handle_input(input, self.now);
        self.show_outputs();
        if let Err(rejected) = came {
            println!("        ✗ {rejected}");
        }
    }

    /// Stops wherever something falls due on the way.
    fn wait(&mut self, time: Duration) {
        let Some(until) = self.now.checked_add(time) else {
            println!("        expected a time that a clock can hold, came {time:?}");
            return;
        };
        while let Some(due) = self.session.poll_timeout().filter(|due| *due <= until) {
            self.now = due;
            println!("{:>5}s  (a deadline)", self.seconds());
            self.session.handle_timeout(due);
            self.show_outputs();
            if self.session.poll_timeout() == Some(due) {
                println!("        expected a later deadline after handle_timeout, came the same");
                return;
            }
        }
        self.now = until;
    }

    fn show_outputs(&mut self) {
        while let Some(output) = self.session.poll_output() {
            match output {
                Output::AnswerGet(frames) => {
                    println!("        ◀ 200 {}", payload::encode(&frames).replace('\u{1e}', "|"));
                }
                Output::WebSocket(frame) => println!("        ◀ ws {}", frame.to_text()),
                Output::CloseWebSocket => println!("        ◀ the WebSocket is closed"),
                Output::Event(Event::Message(Message::Text(text))) => {
                    println!("        the application hears {text:?}");
                }
                Output::Event(Event::Message(Message::Binary(bytes))) => {
                    println!("        the application hears {bytes:?}");
                }
                Output::Event(Event::Upgraded) => println!("        the session has moved"),
                Output::Event(Event::Closed(reason)) => {
                    println!("        the session is over: {reason}");
                }
            }
        }
    }
}
