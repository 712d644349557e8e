use std::path::PathBuf;

/// What the command line says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// `--port`; 0, a free one, without it.
    pub port: u16,
    /// `--client`: the script that is served for `io()`, if not the small one.
    pub client: Option<PathBuf>,
    /// `--admin-token`: a random one without it.
    pub admin_token: Option<String>,
}

/// The shortest token of one's own choosing, in bytes.
const SHORTEST_TOKEN: usize = 8;

impl Options {
    /// Reads what follows the program's name.
    ///
    /// # Errors
    ///
    /// What was expected, and what came.
    pub fn parse(arguments: impl IntoIterator<Item = String>) -> Result<Self, String> {
        let mut options = Self::default();
        let mut arguments = arguments.into_iter();
        while let Some(name) = arguments.next() {
            let value = arguments.next();
            let value = value.ok_or_else(|| format!("expected a value behind {name}, came none"));
            match &*name {
                "--port" => options.port = port(&value?)?,
                "--client" => options.client = Some(value?.into()),
                "--admin-token" => options.admin_token = Some(token(value?)?),
                _ => {
                    return Err(format!(
                        "expected --port, --client or --admin-token, came {name:?}"
                    ));
                }
            }
        }
        Ok(options)
    }
}

fn port(came: &str) -> Result<u16, String> {
    came.parse().map_err(|_| format!("expected a port from 0 to 65535, came {came:?}"))
}

fn token(came: String) -> Result<String, String> {
    match came.len() {
        SHORTEST_TOKEN.. => Ok(came),
        short => Err(format!("expected a token of {SHORTEST_TOKEN} bytes or more, came {short}")),
    }
}
