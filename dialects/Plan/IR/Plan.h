// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef TERN_DIALECTS_PLAN_IR_PLAN_H
#define TERN_DIALECTS_PLAN_IR_PLAN_H

#include "dialects/Tern/IR/Tern.h"

#include "dialects/Plan/IR/PlanEnums.h.inc"

#define GET_ATTRDEF_CLASSES
#include "dialects/Plan/IR/PlanAttrs.h.inc"

#define GET_TYPEDEF_CLASSES
#include "dialects/Plan/IR/PlanTypes.h.inc"

#include "dialects/Plan/IR/PlanDialect.h.inc"

#define GET_OP_CLASSES
#include "dialects/Plan/IR/PlanOps.h.inc"

#endif
