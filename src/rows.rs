//! Enums whose values are the rows of a table.

/// Declares an enum, the list of its values (`ALL`, in the order of the table) and a method for each column. The columns
/// stand where the variants of an enum do; below, each row has its value and a text for each of them.
///
/// ```text
/// rows! {
///     /// How much something matters.
///     #[derive(Debug, Clone, Copy)]
///     pub enum Severity {
///         /// Its name in JSON and filters.
///         pub fn name;
///     }
///     /// Worth knowing.
///     Info "info";
///     /// It went wrong.
///     Error "error";
/// }
/// ```
macro_rules! rows {
    ($(#[$meta:meta])* $vis:vis enum $name:ident $columns:tt $($(#[$doc:meta])* $row:ident $($text:literal)+;)*) => {
        $(#[$meta])*
        $vis enum $name {
            $($(#[$doc])* $row,)*
        }

        impl $name {
            /// All of them, in the order of the table.
            #[allow(dead_code)] // Not every table is gone through.
            $vis const ALL: [$name; [$(stringify!($row)),*].len()] = [$($name::$row),*];
        }

        rows! { @columns $name $columns $columns $([$($text)+])* }
    };
    (@columns $name:ident $columns:tt { $($(#[$meta:meta])* $vis:vis fn $column:ident;)* } $($row:tt)*) => {
        const _: () = {
            struct Row {
                $($column: &'static str,)*
            }

            const ROWS: &[Row] = &[$(rows! { @row $columns $row }),*];

            impl $name {
                $($(#[$meta])*
                $vis const fn $column(self) -> &'static str {
                    ROWS[self as usize].$column
                })*
            }
        };
    };
    (@row { $($(#[$meta:meta])* $vis:vis fn $column:ident;)* } [$($text:literal)+]) => {
        Row { $($column: $text),* }
    };
}
