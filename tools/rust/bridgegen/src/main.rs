// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! Writes the C++ side of a cxx bridge.
//!
//!     bridgegen bridge IN.rs OUT.h OUT.cc
//!     bridgegen runtime OUT.h                 the header that all bridges share
//!
//! A tool of the workspace and not a build script, so that the glue is compiled
//! with the project's own C++ flags. Files that would not change are not
//! touched, so an edit that leaves the border alone recompiles no C++.

use std::process::ExitCode;

fn write_if_changed(path: &str, data: &[u8]) -> Result<(), String> {
    if std::fs::read(path).is_ok_and(|old| old == data) {
        return Ok(());
    }
    std::fs::write(path, data).map_err(|e| format!("{path}: {e}"))
}

fn write_bridge(source: &str, header: &str, glue: &str) -> Result<(), String> {
    let text = std::fs::read_to_string(source).map_err(|e| format!("{source}: {e}"))?;
    let tokens = text.parse().map_err(|e| format!("{source}: {e}"))?;
    let code = cxx_gen::generate_header_and_cc(tokens, &cxx_gen::Opt::default())
        .map_err(|e| format!("{source}: {e}"))?;
    write_if_changed(header, &code.header)?;
    write_if_changed(glue, &code.implementation)
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match words[..] {
        ["bridge", source, header, glue] => write_bridge(source, header, glue),
        ["runtime", header] => write_if_changed(header, cxx_gen::HEADER.as_bytes()),
        _ => Err("usage: bridgegen bridge IN.rs OUT.h OUT.cc | runtime OUT.h".into()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("bridgegen: {message}");
            ExitCode::FAILURE
        }
    }
}
