// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tern/call.h"
#include "runtime/src/Border.h"
#include "runtime/src/Model.h"

#include <algorithm>

using namespace tern::format;

namespace tern::runtime {
namespace {

static_assert(TERN_F32 == int(ElementType::F32) && TERN_F16 == int(ElementType::F16) &&
              TERN_BF16 == int(ElementType::BF16) && TERN_F64 == int(ElementType::F64) &&
              TERN_I8 == int(ElementType::I8) && TERN_U8 == int(ElementType::U8) &&
              TERN_I16 == int(ElementType::I16) && TERN_I32 == int(ElementType::I32) &&
              TERN_I64 == int(ElementType::I64));

std::string printShape(std::span<const int64_t> shape) {
  std::string text;
  for (int64_t size : shape)
    text += (text.empty() ? "" : "x") + std::to_string(size);
  return "[" + text + "]";
}

class Call {
public:
  Call(std::shared_ptr<const Model> given, const Program &program)
      : model(std::move(given)), program(program),
        interpreter(*model->device, *model->code, model->index(), program, model->spaces()),
        values(program.arguments.size()) {}

  Error setInput(const char *name, tern_type_t type, std::span<const int64_t> shape,
                 const void *data);
  Error run();
  Error output(const char *name, int64_t *shape, const void *&data) const;

  std::shared_ptr<const Model> model;
  const Program &program;

private:
  struct Value {
    const void *input = nullptr;
    std::vector<std::byte> output;
    std::vector<int64_t> shape;
    bool set = false;
  };

  Error find(const char *name, bool output, size_t &number) const;
  Error bindDims(std::vector<int64_t> &dims) const;
  Error checkShapes(std::span<const int64_t> dims);

  Interpreter interpreter;
  std::vector<Value> values; ///< of the program's arguments
};

Error Call::find(const char *name, bool output, size_t &number) const {
  auto found = std::ranges::find_if(program.arguments, [&](const Argument &argument) {
    return argument.name == name && argument.output == output;
  });
  number = size_t(found - program.arguments.begin());
  if (found != program.arguments.end())
    return {};
  return makeError(TERN_INVALID_ARGUMENT, "function '%s' has no %s '%s'", program.name.c_str(),
                   output ? "output" : "input", name);
}

Error Call::setInput(const char *name, tern_type_t type, std::span<const int64_t> shape,
                     const void *data) {
  size_t number = 0;
  if (Error error = find(name, false, number))
    return error;
  const Argument &argument = program.arguments[number];
  const ElementTypeInfo *given = elementTypeInfo(static_cast<ElementType>(type));
  if (!given || static_cast<ElementType>(type) != argument.type ||
      shape.size() != argument.shape.size())
    return makeError(TERN_INVALID_ARGUMENT,
                     "input '%s' of function '%s': expected %zu dimensions of %s, found %zu of %s",
                     name, program.name.c_str(), argument.shape.size(),
                     elementTypeInfo(argument.type)->name, shape.size(),
                     given ? given->name : "no type");
  if (!data && std::count(shape.begin(), shape.end(), 0) == 0)
    return makeError(TERN_INVALID_ARGUMENT,
                     "input '%s' of function '%s': data: expected a pointer, found null", name,
                     program.name.c_str());
  values[number].input = data;
  values[number].shape.assign(shape.begin(), shape.end());
  values[number].set = true;
  return {};
}

/// Each dimension has the size of the first input that is declared with it.
Error Call::bindDims(std::vector<int64_t> &dims) const {
  const Index &index = model->index();
  std::vector<bool> bound(dims.size());
  for (size_t i = 0; i < values.size(); ++i) {
    const Argument &argument = program.arguments[i];
    if (argument.output)
      continue;
    if (!values[i].set)
      return makeError(TERN_INVALID_ARGUMENT, "input '%s' of function '%s' is not set",
                       argument.name.c_str(), program.name.c_str());
    for (size_t axis = 0; axis < argument.shape.size(); ++axis) {
      auto dim = program.expressions[argument.shape[axis]].asDim();
      int64_t size = values[i].shape[axis];
      if (!dim || bound[*dim])
        continue;
      const Dim &range = index.dims[*dim];
      if (size < range.min || size > range.max)
        return makeError(TERN_INVALID_ARGUMENT,
                         "input '%s' of function '%s': expected %s of %lld .. %lld, found %lld",
                         argument.name.c_str(), program.name.c_str(), range.name.c_str(),
                         static_cast<long long>(range.min), static_cast<long long>(range.max),
                         static_cast<long long>(size));
      dims[*dim] = size;
      bound[*dim] = true;
    }
  }
  return {};
}

/// Compares inputs with their declared shapes, and makes outputs of theirs.
Error Call::checkShapes(std::span<const int64_t> dims) {
  for (size_t i = 0; i < values.size(); ++i) {
    const Argument &argument = program.arguments[i];
    std::vector<int64_t> shape;
    int64_t bytes = elementTypeInfo(argument.type)->blockBytes;
    for (ExpressionId id : argument.shape) {
      shape.push_back(program.expressions[id].evaluate(dims).value_or(-1));
      if (shape.back() < 0 || __builtin_mul_overflow(bytes, shape.back(), &bytes))
        return makeError(TERN_INVALID_ARGUMENT, "argument '%s' of function '%s': no shape fits",
                         argument.name.c_str(), program.name.c_str());
    }
    if (argument.output) {
      values[i].output.resize(size_t(bytes));
      values[i].shape = std::move(shape);
    } else if (values[i].shape != shape) {
      return makeError(TERN_INVALID_ARGUMENT,
                       "input '%s' of function '%s': expected shape %s, found %s",
                       argument.name.c_str(), program.name.c_str(), printShape(shape).c_str(),
                       printShape(values[i].shape).c_str());
    }
  }
  return {};
}

Error Call::run() {
  std::vector<int64_t> dims(model->index().dims.size());
  if (Error error = bindDims(dims))
    return error;
  if (Error error = checkShapes(dims))
    return error;
  std::vector<Given> arguments;
  for (Value &value : values)
    arguments.push_back({value.set ? const_cast<void *>(value.input) : value.output.data()});
  if (Error error = interpreter.run(dims, arguments, {}))
    return error;
  return model->device->wait();
}

Error Call::output(const char *name, int64_t *shape, const void *&data) const {
  size_t number = 0;
  if (Error error = find(name, true, number))
    return error;
  const Value &value = values[number];
  if (value.shape.size() != program.arguments[number].shape.size())
    return makeError(TERN_INVALID_ARGUMENT, "function '%s' did not run yet", program.name.c_str());
  if (!shape && !value.shape.empty())
    return makeError(TERN_INVALID_ARGUMENT,
                     "output '%s' of function '%s': out_shape: expected a pointer, found null",
                     name, program.name.c_str());
  std::ranges::copy(value.shape, shape);
  data = value.output.data();
  return {};
}

Error create(const std::shared_ptr<const Model> &model, const char *name,
             std::unique_ptr<Call> &out) {
  const Program *program = model->index().findProgram(name);
  if (!program)
    return makeError(TERN_INVALID_ARGUMENT, "%s: has no function '%s'",
                     model->artefact->path.c_str(), name);
  for (const Buffer &buffer : program->buffers)
    if (buffer.space == Space::Source || buffer.space >= Space::CachePool)
      return makeError(TERN_UNSUPPORTED, "function '%s' needs %s, which a call does not have", name,
                       buffer.space == Space::Source     ? "the weights' files"
                       : buffer.space < Space::StatePool ? "a KV cache"
                                                         : "the states of sequences");
  out = std::make_unique<Call>(model, *program);
  return {};
}

} // namespace
} // namespace tern::runtime

struct tern_call_t {
  std::unique_ptr<tern::runtime::Call> call;
};

using tern::runtime::atBorder;

tern_error_t *tern_call_create(const tern_model_t *model, const char *name,
                               tern_call_t **out_call) {
  return atBorder({{"model", model}, {"name", name}, {"out_call", out_call}}, [&]() -> Error {
    *out_call = nullptr;
    auto handle = std::make_unique<tern_call_t>();
    if (Error error = tern::runtime::create(model->model, name, handle->call))
      return error;
    *out_call = handle.release();
    return {};
  });
}

void tern_call_free(tern_call_t *call) { delete call; }

int32_t tern_call_get_argument_count(const tern_call_t *call) {
  return static_cast<int32_t>(call->call->program.arguments.size());
}

tern_error_t *tern_call_get_argument(const tern_call_t *call, int32_t number,
                                     tern_argument_t *out_argument) {
  return atBorder({{"call", call}, {"out_argument", out_argument}}, [&]() -> Error {
    *out_argument = {};
    const auto &arguments = call->call->program.arguments;
    if (number < 0 || size_t(number) >= arguments.size())
      return makeError(TERN_INVALID_ARGUMENT, "argument %d does not exist: there are %zu", number,
                       arguments.size());
    const Argument &argument = arguments[size_t(number)];
    *out_argument = {argument.name.c_str(), static_cast<tern_type_t>(argument.type),
                     argument.output, static_cast<int32_t>(argument.shape.size())};
    return {};
  });
}

tern_error_t *tern_call_set_input(tern_call_t *call, const char *name, tern_type_t type,
                                  const int64_t *shape, int32_t rank, const void *data) {
  const void *shapeOrNone = rank > 0 ? static_cast<const void *>(shape) : name;
  return atBorder({{"call", call}, {"name", name}, {"shape", shapeOrNone}}, [&] {
    return call->call->setInput(name, type, {shape, size_t(std::max(rank, 0))}, data);
  });
}

tern_error_t *tern_call_run(tern_call_t *call) {
  return atBorder({{"call", call}}, [&] { return call->call->run(); });
}

tern_error_t *tern_call_get_output(const tern_call_t *call, const char *name, int64_t *out_shape,
                                   const void **out_data) {
  return atBorder({{"call", call}, {"name", name}, {"out_data", out_data}}, [&] {
    *out_data = nullptr;
    return call->call->output(name, out_shape, *out_data);
  });
}
