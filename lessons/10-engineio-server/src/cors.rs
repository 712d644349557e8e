use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use hyper::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS, HeaderMap,
    HeaderValue, ORIGIN, VARY,
};

/// Which pages of other origins may read what this server answers (Fetch standard, "CORS protocol").
///
/// A browser asks this about polling, and never about a WebSocket: that it opens from any page, with
/// the cookies of its user. So whoever trusts cookies checks the `Origin` header in
/// [`allow_request`](crate::Builder::allow_request), which both transports pass.
#[derive(Clone)]
pub struct Cors {
    origins: Origins,
    credentials: bool,
    max_age: Option<Duration>,
}

#[derive(Clone)]
enum Origins {
    Any,
    Only(Vec<String>),
    Matching(Arc<dyn Fn(&str) -> bool + Send + Sync>),
}

impl Cors {
    /// Pages of all origins.
    #[must_use]
    pub fn any() -> Self {
        Self::new(Origins::Any)
    }

    /// Pages of these origins, such as `https://chat.example`.
    #[must_use]
    pub fn only<O: Into<String>>(origins: impl IntoIterator<Item = O>) -> Self {
        Self::new(Origins::Only(origins.into_iter().map(Into::into).collect()))
    }

    /// Pages of the origins for which `allowed` says yes.
    #[must_use]
    pub fn matching(allowed: impl Fn(&str) -> bool + Send + Sync + 'static) -> Self {
        Self::new(Origins::Matching(Arc::new(allowed)))
    }

    fn new(origins: Origins) -> Self {
        Self { origins, credentials: false, max_age: None }
    }

    /// Whether a page may speak with the cookies of its user: no.
    ///
    /// With [`Cors::any`], any page then speaks in the name of whoever looks at it.
    #[must_use]
    pub fn credentials(mut self, allow: bool) -> Self {
        self.credentials = allow;
        self
    }

    /// How long a browser may remember the answer to a preflight: it decides, for 5 s mostly.
    #[must_use]
    pub fn max_age(mut self, age: Duration) -> Self {
        self.max_age = Some(age);
        self
    }

    /// Adds what a browser looks for in an answer.
    pub(crate) fn allow(&self, request: &HeaderMap, response: &mut HeaderMap) {
        let origin = request.get(ORIGIN);
        match (&self.origins, self.credentials) {
            (Origins::Any, false) => {
                response.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
            }
            // "*" does not hold for a request with credentials: the origin has to be named.
            (origins, _) => {
                response.append(VARY, HeaderValue::from_static("Origin"));
                let origin = origin.filter(|origin| origins.allow(origin));
                // A copy: what came is a slice of all that was read with it.
                let origin = origin.map(|origin| HeaderValue::from_bytes(origin.as_bytes()));
                if let Some(Ok(origin)) = origin {
                    response.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
                }
            }
        }
        if self.credentials {
            let yes = HeaderValue::from_static("true");
            response.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, yes);
        }
    }

    /// Adds what a browser looks for in the answer to a preflight: it asks before a request that a
    /// form could not have made.
    pub(crate) fn allow_preflight(&self, request: &HeaderMap, response: &mut HeaderMap) {
        self.allow(request, response);
        let methods = HeaderValue::from_static("GET,HEAD,PUT,PATCH,POST,DELETE");
        response.insert(ACCESS_CONTROL_ALLOW_METHODS, methods);
        response.append(VARY, HeaderValue::from_static("Access-Control-Request-Headers"));
        if let Some(headers) = request.get(ACCESS_CONTROL_REQUEST_HEADERS) {
            response.insert(ACCESS_CONTROL_ALLOW_HEADERS, headers.clone());
        }
        if let Some(age) = self.max_age {
            response.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from(age.as_secs()));
        }
    }
}

impl Origins {
    fn allow(&self, origin: &HeaderValue) -> bool {
        let Ok(origin) = origin.to_str() else { return false };
        match self {
            Self::Any => true,
            Self::Only(allowed) => allowed.iter().any(|allowed| allowed == origin),
            Self::Matching(allowed) => allowed(origin),
        }
    }
}

impl fmt::Debug for Cors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let origins = match &self.origins {
            Origins::Any => "any".to_owned(),
            Origins::Only(origins) => format!("{origins:?}"),
            Origins::Matching(_) => "matching".to_owned(),
        };
        f.debug_struct("Cors")
            .field("origins", &origins)
            .field("credentials", &self.credentials)
            .field("max_age", &self.max_age)
            .finish()
    }
}
