//! Nothing to do: it is here so that `openssl-src` is a build-dependency, without which its feature
//! `weak-crypto` (RC4 and 3DES, for clients of the 2000s) is silently lost.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
}
