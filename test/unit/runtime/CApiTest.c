// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Every header is C, and every call can be made from it. Loads the model whose
// path is given and checks what it computes; says what went wrong, if anything.
#include "tern/tern.h"

#include <stdio.h>
#include <string.h>

static int failures;

static void expect(int holds, const char *what) {
  if (!holds) {
    fprintf(stderr, "not so: %s\n", what);
    ++failures;
  }
}

static void expectGood(tern_error_t *error, const char *call) {
  if (error)
    fprintf(stderr, "%s: %s\n", call, tern_error_message(error));
  failures += error != NULL;
  tern_error_free(error);
}

static void expectCode(tern_error_t *error, tern_error_code_t code, const char *what) {
  expect(error && tern_error_code(error) == code && tern_error_message(error)[0] != '\0', what);
  tern_error_free(error);
}

static void countKernel(void *context, const tern_kernel_counts_t *counts) {
  *(uint64_t *)context += counts->launches;
}

static bool notice(void *context, uint64_t done, uint64_t total) {
  *(uint64_t *)context = done;
  return done <= total;
}

static void checkSession(const tern_model_t *model) {
  tern_session_t *session = NULL;
  expectGood(tern_session_create(model, NULL, &session), "tern_session_create");
  int32_t sequence = -1;
  expectGood(tern_session_begin(session, &sequence), "tern_session_begin");
  const int32_t tokens[] = {3, 1, 4};
  tern_feed_t feed = {sequence, tokens, 3, TERN_LOGITS_LAST};
  expectCode(tern_session_feed(session, &feed, -1, NULL, NULL), TERN_INVALID_ARGUMENT,
             "fewer than no feeds");
  expectCode(tern_session_sample(session, NULL, NULL, -1, NULL, NULL), TERN_INVALID_ARGUMENT,
             "fewer than no draws");
  expectCode(tern_session_feed(session, NULL, 1, NULL, NULL), TERN_INVALID_ARGUMENT, "no feeds");
  tern_feed_t noTokens = {sequence, NULL, 3, TERN_LOGITS_LAST};
  expectCode(tern_session_feed(session, &noTokens, 1, NULL, NULL), TERN_INVALID_ARGUMENT,
             "no tokens");
  expectGood(tern_session_feed(session, &feed, 1, NULL, NULL), "tern_session_feed");
  int64_t length = 0;
  expectGood(tern_session_get_length(session, sequence, &length), "tern_session_get_length");
  expect(length == 3, "three tokens were fed");
  const float *logits = NULL;
  expectGood(tern_session_get_logits(session, sequence, &logits), "tern_session_get_logits");
  // 8 (3 * 1 + 1 * 2 + 4 * 3), the sum 8 of the tokens, and twice a quarter of 2.
  expect(logits && logits[2] == 145.0f, "the logit of 2 is 145");
  tern_sampler_t sampler;
  tern_sampler_init(&sampler);
  int32_t token = -1;
  expectGood(tern_session_sample(session, &sequence, &sampler, 1, &token, NULL),
             "tern_session_sample");
  expect(token == 15, "the likeliest token is 15");
  const int32_t twice[] = {sequence, sequence};
  const tern_sampler_t samplers[] = {sampler, sampler};
  int32_t drawn[2];
  expectCode(tern_session_sample(session, twice, samplers, 2, drawn, NULL), TERN_INVALID_ARGUMENT,
             "two draws for one sequence");
  expectCode(tern_session_sample(session, &sequence, NULL, 1, drawn, NULL), TERN_INVALID_ARGUMENT,
             "no sampler");
  tern_session_interrupt(session);
  expectCode(tern_session_feed(session, &feed, 1, NULL, NULL), TERN_INTERRUPTED,
             "an interrupt stops");
  expectGood(tern_session_reset(session, sequence), "tern_session_reset");
  expect(tern_session_get_cache_bytes(session) == 0, "an empty sequence holds no blocks");
  expectGood(tern_session_end(session, sequence), "tern_session_end");
  tern_session_free(session);
}

static void checkCall(const tern_model_t *model) {
  tern_call_t *call = NULL;
  expectCode(tern_call_create(model, "none", &call), TERN_INVALID_ARGUMENT, "no function 'none'");
  expect(call == NULL, "a failed call gives no handle");
  expectGood(tern_call_create(model, "add_table", &call), "tern_call_create");
  expect(tern_call_get_argument_count(call) == 2, "two arguments");
  tern_argument_t argument;
  expectGood(tern_call_get_argument(call, 1, &argument), "tern_call_get_argument");
  expect(strcmp(argument.name, "y") == 0 && argument.output, "the second is the output y");
  expectCode(tern_call_get_argument(call, 2, &argument), TERN_INVALID_ARGUMENT, "no third");
  const float x[2] = {1, 2};
  int64_t shape[1] = {2};
  const void *data = NULL;
  expectCode(tern_call_set_input(call, "x", TERN_F32, shape, 1, NULL), TERN_INVALID_ARGUMENT,
             "no data");
  expectCode(tern_call_set_input(call, "x", TERN_F32, NULL, 1, x), TERN_INVALID_ARGUMENT,
             "no shape");
  expectGood(tern_call_set_input(call, "x", TERN_F32, shape, 1, x), "tern_call_set_input");
  expectGood(tern_call_run(call), "tern_call_run");
  expectCode(tern_call_get_output(call, "y", NULL, &data), TERN_INVALID_ARGUMENT,
             "no room for the shape");
  expectGood(tern_call_get_output(call, "y", shape, &data), "tern_call_get_output");
  expect(shape[0] == 2 && ((const float *)data)[1] == 12.0f, "2 + 10 = 12");
  tern_call_free(call);
}

/// No call that can fail reads a null pointer.
static void checkNull(const tern_artefact_t *artefact, tern_device_t *device,
                      const tern_model_t *model) {
  tern_artefact_t *noArtefact = NULL;
  tern_device_t *noDevice = NULL;
  tern_model_t *noModel = NULL;
  tern_session_t *noSession = NULL;
  tern_call_t *noCall = NULL;
  tern_load_cache_t *noCache = NULL;
  const void *data;
  const float *logits;
  size_t bytes;
  int32_t number;
  int64_t length;
  tern_argument_t argument;
  tern_error_t *errors[] = {tern_artefact_open("/none", NULL),
                            tern_artefact_get_section(NULL, "index", &data, &bytes),
                            tern_artefact_get_section(artefact, NULL, &data, &bytes),
                            tern_artefact_get_section(artefact, "index", NULL, &bytes),
                            tern_artefact_get_section(artefact, "index", &data, NULL),
                            tern_artefact_verify(NULL),
                            tern_device_create(NULL, 1, &noDevice),
                            tern_device_create("cpu", 1, NULL),
                            tern_device_take_counts(NULL, countKernel, NULL),
                            tern_device_take_counts(device, NULL, NULL),
                            tern_load_cache_create(NULL, 0, &noCache),
                            tern_load_cache_create("/tmp", 0, NULL),
                            tern_model_load(NULL, device, NULL, &noModel),
                            tern_model_load(artefact, NULL, NULL, &noModel),
                            tern_model_load(artefact, device, NULL, NULL),
                            tern_session_create(NULL, NULL, &noSession),
                            tern_session_create(model, NULL, NULL),
                            tern_session_begin(NULL, &number),
                            tern_session_end(NULL, 0),
                            tern_session_reset(NULL, 0),
                            tern_session_get_length(NULL, 0, &length),
                            tern_session_feed(NULL, NULL, 0, NULL, NULL),
                            tern_session_get_logits(NULL, 0, &logits),
                            tern_session_sample(NULL, NULL, NULL, 0, NULL, NULL),
                            tern_call_create(NULL, "add_table", &noCall),
                            tern_call_create(model, NULL, &noCall),
                            tern_call_create(model, "add_table", NULL),
                            tern_call_get_argument(NULL, 0, &argument),
                            tern_call_set_input(NULL, "x", TERN_F32, &length, 1, &length),
                            tern_call_run(NULL),
                            tern_call_get_output(NULL, "y", &length, &data)};
  for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); ++i) {
    if (!errors[i])
      fprintf(stderr, "call %d of checkNull\n", (int)i);
    expectCode(errors[i], TERN_INVALID_ARGUMENT, "null is refused");
  }
  expect(!noArtefact && !noDevice && !noModel && !noSession && !noCall && !noCache,
         "no handle from a refused call");
}

int main(int argc, char **argv) {
  if (argc != 3)
    return 2;
  tern_artefact_t *artefact = NULL;
  expectCode(tern_artefact_open("/none", &artefact), TERN_BAD_FILE, "no file /none");
  expectCode(tern_artefact_open(NULL, &artefact), TERN_INVALID_ARGUMENT, "no path");
  expectGood(tern_artefact_open(argv[1], &artefact), "tern_artefact_open");
  tern_device_t *device = NULL;
  expectCode(tern_device_create("none", 1, &device), TERN_UNSUPPORTED, "no device 'none'");
  expectGood(tern_device_create("cpu", 2, &device), "tern_device_create");
  expect(tern_device_get_threads(device) == 2, "two threads");
  uint64_t launches = 0;
  expectCode(tern_device_take_counts(device, countKernel, &launches), TERN_UNSUPPORTED,
             "the CPU does not count");
  expect(launches == 0, "no counts from a refused call");
  tern_load_cache_t *cache = NULL;
  expectGood(tern_load_cache_create(argv[2], 0, &cache), "tern_load_cache_create");
  uint64_t done = 0;
  tern_load_options_t options = {NULL, cache, false, notice, &done};
  tern_model_t *model = NULL;
  expectGood(tern_model_load(artefact, device, &options, &model), "tern_model_load");
  expect(done == 64, "64 bytes of weights were packed");
  tern_artefact_facts_t facts;
  tern_artefact_get_facts(artefact, &facts);
  expect(facts.vocabulary == 16, "16 tokens");
  expectGood(tern_artefact_verify(artefact), "tern_artefact_verify");
  if (model) {
    checkSession(model);
    checkCall(model);
    checkNull(artefact, device, model);
  }
  tern_model_free(model);
  tern_load_cache_free(cache);
  tern_device_free(device);
  tern_artefact_free(artefact);
  tern_artefact_free(NULL);
  tern_error_free(NULL);
  return failures != 0;
}
