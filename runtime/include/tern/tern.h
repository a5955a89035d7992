// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TERN_H
#define TERN_TERN_H

/// Pointers may be NULL where a comment says so; tern_*_free does nothing for
/// NULL. A call that returns an error refuses any other NULL with
/// TERN_INVALID_ARGUMENT; one that returns a value or nothing needs its handle.
/// A failed call leaves `*out_` of handles and borrowed data NULL.

#include "tern/artefact.h"
#include "tern/cache.h"
#include "tern/call.h"
#include "tern/device.h"
#include "tern/error.h"
#include "tern/model.h"
#include "tern/sampler.h"
#include "tern/session.h"

#endif
