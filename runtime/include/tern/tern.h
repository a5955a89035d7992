// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_TERN_H
#define TERN_TERN_H

#include "tern/artefact.h"
#include "tern/cache.h"
#include "tern/call.h"
#include "tern/device.h"
#include "tern/error.h"
#include "tern/model.h"
#include "tern/sampler.h"
#include "tern/session.h"

#endif
