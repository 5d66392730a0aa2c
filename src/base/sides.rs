//! The two sides of a connection, by place and by role.
//!
//! Job: keep what belongs to one sender apart from what belongs to the other. TCP knows [`End`]s,
//! all above it [`Peer`]s; [`Roles`] lead from one to the other. Input and output: none.

use std::fmt;
use std::ops::{Index, IndexMut};

/// One of two, and one value for each of them.
macro_rules! two {
    (
        $(#[$about:meta])* $Side:ident:
        $(#[$about_one:meta])* $One:ident, $(#[$about_two:meta])* $Two:ident;
        $(#[$about_pair:meta])* $Pair:ident: $one:ident, $two:ident
    ) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $Side {
            $(#[$about_one])*
            $One,
            $(#[$about_two])*
            $Two,
        }

        impl $Side {
            /// Both of them.
            pub const BOTH: [Self; 2] = [Self::$One, Self::$Two];

            /// The receiver of what `self` sends.
            #[must_use]
            pub fn other(self) -> Self {
                match self {
                    Self::$One => Self::$Two,
                    Self::$Two => Self::$One,
                }
            }
        }

        $(#[$about_pair])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
        pub struct $Pair<T> {
            $(#[$about_one])*
            pub $one: T,
            $(#[$about_two])*
            pub $two: T,
        }

        impl<T> $Pair<T> {
            /// The same construction for both senders.
            pub fn from_fn(mut make: impl FnMut($Side) -> T) -> Self {
                Self {
                    $one: make($Side::$One),
                    $two: make($Side::$Two),
                }
            }

            /// Both values with their sender.
            pub fn iter(&self) -> impl Iterator<Item = ($Side, &T)> {
                [($Side::$One, &self.$one), ($Side::$Two, &self.$two)].into_iter()
            }
        }

        impl<T> Index<$Side> for $Pair<T> {
            type Output = T;

            fn index(&self, side: $Side) -> &T {
                match side {
                    $Side::$One => &self.$one,
                    $Side::$Two => &self.$two,
                }
            }
        }

        impl<T> IndexMut<$Side> for $Pair<T> {
            fn index_mut(&mut self, side: $Side) -> &mut T {
                match side {
                    $Side::$One => &mut self.$one,
                    $Side::$Two => &mut self.$two,
                }
            }
        }
    };
}

two! {
    /// The **sender** of a byte.
    ///
    /// All per-direction state is keyed by the sender, because that is how RFC 7692 names its
    /// parameters: `server_max_window_bits` governs what the *server* compresses.
    Peer:
    /// The end that opened the connection and sent the upgrade request.
    Client,
    /// The end that answered it.
    Server;
    /// One value for each sender.
    PerPeer: client, server
}

two! {
    /// An end of a TCP connection, whatever its role.
    End:
    /// The sender of the first packet in the capture.
    First,
    /// The other one.
    Second;
    /// One value for each end.
    PerEnd: first, second
}

impl Peer {
    /// `client` or `server`, as the JSON contract spells it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Server => "server",
        }
    }
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Which end of a connection is the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Roles {
    /// The client, as far as anybody knows.
    pub client: End,
    /// It is known from a SYN; otherwise it is a guess.
    pub known: bool,
}

impl Roles {
    /// The role of an end.
    #[inline]
    pub fn peer(self, end: End) -> Peer {
        if end == self.client {
            Peer::Client
        } else {
            Peer::Server
        }
    }

    /// The end with a role.
    #[inline]
    pub fn end(self, peer: Peer) -> End {
        match peer {
            Peer::Client => self.client,
            Peer::Server => self.client.other(),
        }
    }

    /// The guess was wrong.
    pub fn reverse(&mut self) {
        self.client = self.client.other();
    }
}

impl<T> PerEnd<T> {
    /// The same by role.
    pub fn by(self, roles: Roles) -> PerPeer<T> {
        let Self { first, second } = self;
        let (client, server) = match roles.client {
            End::First => (first, second),
            End::Second => (second, first),
        };
        PerPeer { client, server }
    }
}
