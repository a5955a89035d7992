// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Continues a prompt of token ids with the likeliest tokens:
//
//   generate ARTEFACT 1,2,3 20
//
// prints up to 20 tokens, and ends after one that ends a text. Text in place of
// ids needs a tokenizer: the artefact carries one (tern_artefact_get_section).
#include "tern/tern.h"

#include <stdio.h>
#include <stdlib.h>

/// Ends the program if the call failed.
static void check(tern_error_t *error) {
  if (!error)
    return;
  fprintf(stderr, "generate: %s\n", tern_error_message(error));
  tern_error_free(error);
  exit(1);
}

/// Reads numbers with commas between them; at most `room`.
static int64_t readTokens(const char *text, int32_t *tokens, int64_t room) {
  int64_t count = 0;
  for (char *end = NULL; count < room; text = end + 1) {
    tokens[count] = (int32_t)strtol(text, &end, 10);
    count += end != text;
    if (end == text || *end != ',')
      break;
  }
  return count;
}

static bool endsText(const tern_artefact_facts_t *facts, int32_t token) {
  for (size_t i = 0; i < facts->eos_count; ++i)
    if (facts->eos[i] == token)
      return true;
  return false;
}

int main(int argc, char **argv) {
  if (argc != 4) {
    fprintf(stderr, "usage: generate ARTEFACT TOKEN,TOKEN,... MAX-TOKENS\n");
    return 2;
  }
  tern_artefact_t *artefact;
  tern_device_t *device;
  tern_model_t *model;
  tern_session_t *session;
  int32_t sequence;
  check(tern_artefact_open(argv[1], &artefact));
  check(tern_device_create("cpu", 0, &device));
  check(tern_model_load(artefact, device, NULL, &model));
  check(tern_session_create(model, NULL, &session));
  check(tern_session_begin(session, &sequence));

  tern_artefact_facts_t facts;
  tern_artefact_get_facts(artefact, &facts);
  int32_t *tokens = malloc((size_t)facts.max_context * sizeof *tokens);
  int64_t count = tokens ? readTokens(argv[2], tokens, facts.max_context) : 0;
  tern_sampler_t sampler;
  tern_sampler_init(&sampler);
  tern_feed_t feed = {sequence, tokens, count, TERN_LOGITS_LAST};
  for (long left = strtol(argv[3], NULL, 10); left > 0; --left) {
    check(tern_session_feed(session, &feed, 1, NULL, NULL));
    int32_t next;
    check(tern_session_sample(session, &sequence, &sampler, 1, &next, NULL));
    printf("%d\n", next);
    fflush(stdout);
    if (endsText(&facts, next))
      break;
    tokens[0] = next;
    feed.count = 1;
  }
  free(tokens);
  tern_session_free(session);
  tern_model_free(model);
  tern_device_free(device);
  tern_artefact_free(artefact);
  return 0;
}
