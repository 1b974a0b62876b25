//! The macros in which events and fields are declared.

/// Declares the fields of an event, or of an object in one. Each stands on a line of its own, behind its doc comment,
/// which is also what the reference says of it, and in the order in which JSON and recordings have it:
///
/// ```text
/// pub NAME: TYPE,             in JSON and in recordings
/// kept NAME: TYPE,            in recordings alone
/// passing NAME: TYPE,         in JSON alone; read from a recording it is the default
/// shown NAME: TYPE = VALUE,   in JSON alone, and no field of the type: its value is made of other fields
/// maybe NAME: TYPE = VALUE,   the same, but only where the value is `Some` of a reference
/// ```
///
/// `NAME "name"` is called so in JSON, and `TYPE as FORM` has another form than its type.
///
/// - `fields! { pub struct TYPE { … } }` declares the type too. With `TYPE as "name"` it is an object of that name.
/// - `fields! { for TYPE as "name" |it| { … } read VALUE }` is for an object that is declared elsewhere: each field has a
///   value, worked out of `it`, and `VALUE` is made of what was read (`Ok` of the object, or what is wrong with it).
/// - `fields! { for TYPE |it| { … } }` has JSON alone.
macro_rules! fields {
    (
        $(#[doc = $help:literal])+
        $(#[derive($($derive:ident),*)])?
        pub struct $type:ident $(as $object:literal)? { $($entries:tt)* }
    ) => {
        fields! {
            @own
            [$(#[doc = $help])+ $(#[derive($($derive),*)])? pub struct $type]
            [] [] [$type $($entries)*] $($entries)*
        }
        fields!(@object $type [$($object)?] [$($help),+]);
    };
    (
        $(#[doc = $help:literal])+
        for $type:ident as $object:literal |$it:ident| { $($entries:tt)* }
        read $made:expr $(, at most $most:expr)?
    ) => {
        fields!(@shown $type, $it, $($entries)*);
        fields!(@kept $type, $it, $made, [$($most)?] $($entries)*);
        fields!(@object $type [$object] [$($help),+]);
    };
    (for $type:ty, |$it:ident| { $($entries:tt)* }) => {
        fields!(@shown $type, $it, $($entries)*);
    };

    // The type itself: what has a value is no field of it.
    (
        @own $head:tt $fields:tt $names:tt $all:tt
        $(#[doc = $help:literal])*
        $mode:ident $name:ident $($json:literal)?: $type:ty $(as $form:ty)? = $value:expr, $($rest:tt)*
    ) => {
        fields!(@own $head $fields $names $all $($rest)*);
    };
    (
        @own $head:tt [$($fields:tt)*] [$($names:ident)*] $all:tt
        $(#[doc = $help:literal])*
        $mode:ident $name:ident $($json:literal)?: $type:ty $(as $form:ty)?, $($rest:tt)*
    ) => {
        fields! {
            @own $head [$($fields)* $(#[doc = $help])* pub $name: $type,] [$($names)* $name] $all $($rest)*
        }
    };
    (@own [$($head:tt)*] [$($fields:tt)*] [$($name:ident)*] [$type:ident $($entries:tt)*]) => {
        $($head)* { $($fields)* }
        fields!(@shown $type, Self { $($name),* }, $($entries)*);
        fields! {
            @kept $type, Self { $($name),* }, Ok(Self { $($name),* }), [] $($entries)*
        }
    };

    // What JSON has.
    (
        @shown $type:ty, $bound:pat,
        $(
            $(#[doc = $help:literal])*
            $mode:ident $name:ident $($json:literal)?: $value:ty $(as $form:ty)? $(= $is:expr)?,
        )*
    ) => {
        const _: () = {
            use $crate::event::table::*;

            impl Fields for $type {
                const FIELDS: &'static [Field] = fields! {
                    @list []
                    $($(#[doc = $help])* $mode $name $($json)?: $value $(as $form)?,)*
                };

                #[allow(unused_variables)]
                fn show<M: SerializeMap>(
                    &self,
                    secrets: bool,
                    map: &mut M,
                ) -> Result<(), M::Error> {
                    let $bound = self;
                    $(field! {
                        show $mode secrets map
                        (field!(name $name $($json)?))
                        (field!(form $value $(, $form)?))
                        (field!(value $name $(= $is)?))
                    })*
                    Ok(())
                }
            }
        };
    };

    // What the reference has.
    (@list [$($done:tt)*]) => { &[$($done)*] };
    (
        @list $done:tt
        $(#[doc = $help:literal])*
        kept $name:ident: $value:ty $(as $form:ty)?, $($rest:tt)*
    ) => {
        fields!(@list $done $($rest)*)
    };
    (
        @list [$($done:tt)*]
        $(#[doc = $help:literal])*
        $mode:ident $name:ident $($json:literal)?: $value:ty $(as $form:ty)?, $($rest:tt)*
    ) => {
        fields! {
            @list [
                $($done)*
                Field {
                    name: field!(name $name $($json)?),
                    is: <field!(form $value $(, $form)?)
                        as Form>::IS,
                    always: field!(always $mode),
                    help: concat!($($help),*),
                },
            ]
            $($rest)*
        }
    };

    // What recordings have.
    (
        @kept $type:ty, $bound:pat, $made:expr, [$($most:expr)?]
        $(
            $(#[doc = $help:literal])*
            $mode:ident $name:ident $($json:literal)?: $value:ty $(as $form:ty)? $(= $is:expr)?,
        )*
    ) => {
        const _: () = {
            use $crate::event::table::*;

            impl Kept for $type {
                type Of = Self;
                const LEAST: usize = 0 $(+ field! {
                    least $mode (field!(form $value $(, $form)?))
                })*;
                $(const MOST: u32 = $most;)?

                #[allow(unused_variables)]
                fn write(value: &Self, to: &mut impl Sink) {
                    let $bound = value;
                    $(field! {
                        write $mode to
                        (field!(form $value $(, $form)?))
                        (field!(value $name $(= $is)?))
                    })*
                }

                fn read(
                    from: &mut impl Source,
                ) -> Result<Self, Bad> {
                    $(field! {
                        read $mode from $name (field!(form $value $(, $form)?))
                    })*
                    $made
                }

                #[allow(unused_variables)]
                fn texts(value: &mut Self, each: &mut impl Texts) {
                    let $bound = value;
                    $(field!(texts $mode each $name (field!(form $value $(, $form)?)) $(= $is)?);)*
                }

                #[allow(unused_variables)]
                fn heap(value: &Self, allocated: impl Fn(usize) -> usize + Copy) -> usize {
                    let $bound = value;
                    0 $(+ field! {
                        heap $mode allocated
                        (field!(form $value $(, $form)?))
                        (field!(value $name $(= $is)?))
                    })*
                }
            }
        };
    };

    // An object.
    (@object $type:ident [] $help:tt) => {};
    (@object $type:ident [$object:literal] [$($help:literal),+]) => {
        const _: () = {
            use $crate::event::table::*;

            impl Object for $type {
                const DOC: EventDoc = EventDoc {
                    name: $object,
                    help: concat!($($help),+),
                    fields: <$type as Fields>::FIELDS,
                };
            }

            impl Form for $type {
                type Of = Self;
                const IS: Is = Is::Object($object);

                fn show<S: Serializer>(
                    object: &Self,
                    secrets: bool,
                    to: S,
                ) -> Result<S::Ok, S::Error> {
                    Serialize::serialize(&Whole { object, secrets }, to)
                }
            }
        };
    };
}

/// What [`fields!`] makes of one field.
macro_rules! field {
    (name $name:ident) => { stringify!($name) };
    (name $name:ident $json:literal) => { $json };

    (form $type:ty) => { $type };
    (form $type:ty, $form:ty) => { $form };

    (value $name:ident) => { $name };
    (value $name:ident = $value:expr) => { &$value };

    (always maybe) => { false };
    (always $mode:ident) => { true };

    (show kept $($rest:tt)*) => {};
    (show maybe $secrets:ident $map:ident ($name:expr) ($form:ty) ($value:expr)) => {
        if let &Some(value) = $value {
            let secrets = $secrets;
            $map.serialize_entry($name, &Shown::<$form> { value, secrets })?;
        }
    };
    (show $mode:ident $secrets:ident $map:ident ($name:expr) ($form:ty) ($value:expr)) => {
        let (value, secrets) = ($value, $secrets);
        $map.serialize_entry($name, &Shown::<$form> { value, secrets })?;
    };

    (write pub $to:ident ($form:ty) ($value:expr)) => {
        <$form as Kept>::write($value, $to);
    };
    (write kept $($rest:tt)*) => { field!(write pub $($rest)*); };
    (write $($rest:tt)*) => {};

    (read pub $from:ident $name:ident ($form:ty)) => {
        let $name = <$form as Kept>::read($from)?;
    };
    (read kept $($rest:tt)*) => { field!(read pub $($rest)*); };
    (read passing $from:ident $name:ident $form:tt) => { let $name = Default::default(); };
    (read $($rest:tt)*) => {};

    (texts pub $each:ident $name:ident ($form:ty)) => { <$form as Kept>::texts($name, $each) };
    (texts kept $each:ident $name:ident ($form:ty)) => { <$form as Kept>::texts($name, $each) };
    (texts $($rest:tt)*) => {};

    (heap pub $allocated:ident ($form:ty) ($value:expr)) => {
        <$form as Kept>::heap($value, $allocated)
    };
    (heap kept $($rest:tt)*) => { field!(heap pub $($rest)*) };
    (heap $($rest:tt)*) => { 0 };

    (least pub ($form:ty)) => { <$form as Kept>::LEAST };
    (least kept ($form:ty)) => { <$form as Kept>::LEAST };
    (least $($rest:tt)*) => { 0 };
}

/// Declares the events. Each has a doc comment, which is also what the reference says of it; `line` if it is a line of the
/// transcript, else `state`; its number in recordings; its name; and what it holds. That is a type that has [`fields!`]
/// and is [`Told`](super::Told), or fields and, after `|out|`, what it says in one line.
macro_rules! events {
    ($(
        $(#[doc = $help:literal])+
        $mode:ident $kind:ident = $number:literal $name:literal
        $(($held:ty))?
        $({ $($(#[doc = $said:literal])* $field:ident: $value:ty $(as $form:ty)?,)* } |$out:ident| $tell:expr)?
        ;
    )*) => {
        /// What happened.
        #[derive(Debug, Clone)]
        pub enum EventKind {
            $(
                $(#[doc = $help])+
                $kind $(($held))? $({ $($(#[doc = $said])* $field: $value,)* })?,
            )*
        }

        /// Every event.
        pub(crate) const EVENTS: &[EventDoc] = &[$(EventDoc {
            name: $name,
            help: concat!($($help),+),
            fields: events! {
                @fields $(($held))? $({ $($(#[doc = $said])* pub $field: $value $(as $form)?,)* })?
            },
        },)*];

        impl EventKind {
            /// Its name in JSON (`event`) and in filters.
            pub fn name(&self) -> &'static str {
                match self {
                    $(Self::$kind { .. } => $name,)*
                }
            }

            /// Its number in recordings.
            pub(crate) fn number(&self) -> u8 {
                match self {
                    $(Self::$kind { .. } => $number,)*
                }
            }

            /// Writes the fields that JSON has. Secrets are masked unless `secrets` is set.
            pub(crate) fn show<M: SerializeMap>(
                &self,
                secrets: bool,
                map: &mut M,
            ) -> Result<(), M::Error> {
                match self {
                    $(events! {
                        @bound held $kind $(($held))? $({ $($field)* })?
                    } => events! {
                        @show held secrets map $(($held))? $({ $($field: $value $(as $form)?,)* })?
                    },)*
                }
                Ok(())
            }

            /// Writes what recordings have behind the number.
            pub(crate) fn write(&self, to: &mut impl Sink) {
                match self {
                    $(events! {
                        @bound held $kind $(($held))? $({ $($field)* })?
                    } => events! {
                        @write held to $(($held))? $({ $($field: $value $(as $form)?,)* })?
                    },)*
                }
            }

            /// Gives each text in it that came from a client to `each`.
            pub(crate) fn texts(&mut self, each: &mut impl Texts) {
                match self {
                    $(events! {
                        @bound held $kind $(($held))? $({ $($field)* })?
                    } => events! {
                        @texts held each $(($held))? $({ $($field: $value $(as $form)?,)* })?
                    },)*
                }
            }

            /// Bytes of memory that it holds beside itself. `allocated` says how many an allocation takes.
            pub(crate) fn heap(&self, allocated: impl Fn(usize) -> usize + Copy) -> usize {
                match self {
                    $(events! {
                        @bound held $kind $(($held))? $({ $($field)* })?
                    } => events! {
                        @heap held allocated $(($held))? $({ $($field: $value $(as $form)?,)* })?
                    },)*
                }
            }

            /// Appends what it says in one line of text. Secrets are masked, and what is not text is not escaped.
            #[allow(unused_variables)]
            pub(super) fn tell(&self, out: &mut String) -> fmt::Result {
                match self {
                    $(events! {
                        @bound held $kind $(($held))? $({ $($field)* })?
                    } => events! {
                        @tell held out $(($held))? $(|$out| $tell)?
                    },)*
                }
            }

            /// Reads what recordings have behind this number. The bytes may come from a hostile hand.
            pub(crate) fn read(number: u8, from: &mut impl Source) -> Result<Self, Bad> {
                Ok(match number {
                    $($number => events! {
                        @read from $kind $(($held))? $({ $($field: $value $(as $form)?,)* })?
                    },)*
                    _ => return Err("a kind that is not known"),
                })
            }
        }

        events!(@lines [] $($mode [$(#[doc = $help])+] $kind $name,)*);
    };

    (@fields ($held:ty)) => { <$held as Fields>::FIELDS };
    (@fields { $($entries:tt)* }) => { fields!(@list [] $($entries)*) };

    (@bound $held:ident $kind:ident ($type:ty)) => { Self::$kind($held) };
    (@bound $held:ident $kind:ident { $($field:ident)* }) => { Self::$kind { $($field),* } };

    (@show $held:ident $secrets:ident $map:ident ($type:ty)) => {
        Fields::show($held, $secrets, $map)?
    };
    (
        @show $held:ident $secrets:ident $map:ident
        { $($field:ident: $value:ty $(as $form:ty)?,)* }
    ) => {{
        $(field! {
            show pub $secrets $map (stringify!($field))
            (field!(form $value $(, $form)?)) ($field)
        })*
    }};

    (@write $held:ident $to:ident ($type:ty)) => { <$type as Kept>::write($held, $to) };
    (@write $held:ident $to:ident { $($field:ident: $value:ty $(as $form:ty)?,)* }) => {{
        $(field! {
            write pub $to (field!(form $value $(, $form)?)) ($field)
        })*
    }};

    (@texts $held:ident $each:ident ($type:ty)) => { <$type as Kept>::texts($held, $each) };
    (@texts $held:ident $each:ident { $($field:ident: $value:ty $(as $form:ty)?,)* }) => {{
        $(<field!(form $value $(, $form)?) as Kept>::texts($field, $each);)*
    }};

    (@heap $held:ident $allocated:ident ($type:ty)) => { <$type as Kept>::heap($held, $allocated) };
    (@heap $held:ident $allocated:ident { $($field:ident: $value:ty $(as $form:ty)?,)* }) => {
        0 $(+ <field!(form $value $(, $form)?) as Kept>::heap($field, $allocated))*
    };

    (@tell $held:ident $to:ident ($type:ty)) => { Told::tell($held, $to) };
    (@tell $held:ident $to:ident |$out:ident| $tell:expr) => {{
        let $out = $to;
        $tell
    }};

    (@read $from:ident $kind:ident ($type:ty)) => { Self::$kind(<$type as Kept>::read($from)?) };
    (@read $from:ident $kind:ident { $($field:ident: $value:ty $(as $form:ty)?,)* }) => {
        Self::$kind {
            $($field: <field!(form $value $(, $form)?) as Kept>::read($from)?,)*
        }
    };

    // The events that are lines of the transcript.
    (@lines [$($done:tt)*] line $help:tt $kind:ident $name:literal, $($rest:tt)*) => {
        events!(@lines [$($done)* $help $kind $name,] $($rest)*);
    };
    (@lines $done:tt state $help:tt $kind:ident $name:literal, $($rest:tt)*) => {
        events!(@lines $done $($rest)*);
    };
    (@lines [$([$($help:tt)+] $kind:ident $name:literal,)*]) => {
        /// The events that are lines of the transcript. The others (roster, client, listening) are state and have no
        /// line.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[repr(u8)]
        pub enum Kind {
            $($($help)+ $kind,)*
        }

        impl Kind {
            /// All of them, in the order of the enum.
            pub const ALL: &[Kind] = &[$(Kind::$kind,)*];

            /// The kind of an event; `None` if the event is state and has no line.
            pub fn of(event: &EventKind) -> Option<Self> {
                match event {
                    $(EventKind::$kind { .. } => Some(Kind::$kind),)*
                    _ => None,
                }
            }

            /// Its name in filters: that of the event.
            pub fn name(self) -> &'static str {
                match self {
                    $(Kind::$kind => $name,)*
                }
            }

            /// The kind with this name; upper and lower case are the same.
            pub fn from_name(name: &str) -> Option<Self> {
                let mut all = Self::ALL.iter().copied();
                all.find(|kind| kind.name().eq_ignore_ascii_case(name))
            }
        }
    };
}
