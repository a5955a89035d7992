// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "frontend/checkpoint/Json.h"
#include "test/unit/checkpoint/TestFiles.h"

#include <sys/stat.h>

namespace tern::checkpoint {
namespace {

/// A safetensors file of one f32 tensor with one value.
std::string oneTensor(const std::string &name) {
  return safetensorsFile(
      "{\"" + name + "\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", bytesOf(1.5f));
}

std::string refusal(const std::string &path) {
  Expected<Checkpoint> checkpoint = Checkpoint::open(path);
  return checkpoint ? "" : checkpoint.error().message;
}

/// A directory with a config.json and two shards under an index.
struct Sharded : TestDirectory {
  Sharded() {
    write("config.json", "{}");
    write("one.safetensors", oneTensor("a"));
    write("two.safetensors", oneTensor("b"));
    index(R"({"a":"one.safetensors","b":"two.safetensors"})");
  }
  void index(const std::string &map) const {
    write("model.safetensors.index.json",
          R"({"metadata":{"total_size":8},"weight_map":)" + map + "}");
  }
  std::string indexPath() const { return path() + "/model.safetensors.index.json"; }
};

TEST(Checkpoint, OpensADirectory) {
  TestDirectory directory;
  directory.write("config.json", R"({"model_type":"llama"})");
  directory.write("model.safetensors", oneTensor("a"));
  Expected<Checkpoint> checkpoint = Checkpoint::open(directory.path());
  ASSERT_TRUE(checkpoint) << checkpoint.error().message;
  EXPECT_EQ(checkpoint->format(), Format::HuggingFace);
  EXPECT_TRUE(checkpoint->find("a"));
  EXPECT_TRUE(checkpoint->config());
  EXPECT_FALSE(checkpoint->generationConfig());
  EXPECT_EQ(checkpoint->configPath(), directory.path() + "/config.json");
  EXPECT_EQ(checkpoint->textFiles().tokenizer, "");

  directory.write("generation_config.json", "{}");
  for (const char *name : {"tokenizer.json", "tokenizer_config.json", "chat_template.jinja"})
    directory.write(name, "");
  checkpoint = Checkpoint::open(directory.path());
  ASSERT_TRUE(checkpoint) << checkpoint.error().message;
  EXPECT_TRUE(checkpoint->generationConfig());
  EXPECT_EQ(checkpoint->textFiles().tokenizer, directory.path() + "/tokenizer.json");
  EXPECT_EQ(checkpoint->textFiles().tokenizerConfig, directory.path() + "/tokenizer_config.json");
  EXPECT_EQ(checkpoint->textFiles().chatTemplate, directory.path() + "/chat_template.jinja");
}

TEST(Checkpoint, OpensShards) {
  Sharded directory;
  Expected<Checkpoint> checkpoint = Checkpoint::open(directory.path());
  ASSERT_TRUE(checkpoint) << checkpoint.error().message;
  ASSERT_EQ(checkpoint->files().size(), 2u);
  const Tensor *b = checkpoint->find("b");
  ASSERT_TRUE(b);
  EXPECT_EQ(b->file, 1u);
  EXPECT_EQ(checkpoint->fileOf(*b), directory.path() + "/two.safetensors");
  EXPECT_EQ(b->data, checkpoint->files()[1].bytes().data() + b->offset);
}

// Shards in a model cache are links to files under the names of their hashes.
TEST(Checkpoint, FollowsLinksOfShards) {
  Sharded directory;
  TestDirectory elsewhere;
  std::filesystem::rename(directory.path() + "/two.safetensors", elsewhere.path() + "/blob");
  std::filesystem::create_symlink(elsewhere.path() + "/blob",
                                  directory.path() + "/two.safetensors");
  EXPECT_EQ(refusal(directory.path()), "");
}

TEST(Checkpoint, LeavesOutWhatTheIndexDoesNotName) {
  Sharded directory;
  directory.index(R"({"a":"one.safetensors"})");
  Expected<Checkpoint> checkpoint = Checkpoint::open(directory.path());
  ASSERT_TRUE(checkpoint) << checkpoint.error().message;
  EXPECT_EQ(checkpoint->tensors().size(), 1u);
}

TEST(Checkpoint, RefusesShardsOutsideTheDirectory) {
  for (std::string name : {"../one.safetensors", "/etc/passwd", "..", ".", "", "a/b", "a\\\\b"}) {
    Sharded directory;
    directory.index("{\"a\":\"" + name + "\"}");
    EXPECT_NE(refusal(directory.path()).find("expected the name of a file in the same directory"),
              std::string::npos)
        << name;
  }
}

TEST(Checkpoint, RefusesIndicesThatContradictTheirShards) {
  Sharded directory;
  directory.index(R"({"a":"two.safetensors"})");
  EXPECT_EQ(refusal(directory.path()), directory.path() +
                                           "/two.safetensors: expected tensor 'a', which "
                                           "model.safetensors.index.json says is here, found none");
  directory.index(R"({"a":"three.safetensors"})");
  EXPECT_EQ(refusal(directory.path()),
            directory.path() +
                "/three.safetensors: expected a file that can be read: No such file or directory");
}

TEST(Checkpoint, RefusesOtherIndices) {
  Sharded directory;
  auto refused = [&](const std::string &map) {
    directory.index(map);
    return refusal(directory.path()).substr(directory.indexPath().size() + 2);
  };
  EXPECT_EQ(refused("3"), "weight_map: expected an object, found something else");
  EXPECT_EQ(refused("[\"a\"]"), "weight_map: expected an object, found an array");
  EXPECT_EQ(refused("{\"a\":3}"), "weight_map: 'a': expected a file name, found something else");
  EXPECT_EQ(refused("{\"a\":[]}"), "weight_map: 'a': expected a file name, found something else");
  EXPECT_EQ(refused("{\"a\":{}}"), "weight_map: 'a': expected a file name, found something else");
  EXPECT_EQ(refused("{\"a\":\"x\",\"a\":\"y\"}"),
            "weight_map: expected each tensor once, found 'a' twice");
  EXPECT_EQ(refused("{},\"weight_map\":{}"), "expected one weight_map, found two");
  EXPECT_EQ(refused("{},\"x\":" + std::string(100, '[')),
            "expected at most 32 levels of nesting, found more");
  directory.write("model.safetensors.index.json", "{}");
  EXPECT_EQ(refusal(directory.path()),
            directory.indexPath() + ": expected a weight_map, found none");
}

TEST(Checkpoint, RefusesDirectoriesThatLackAFile) {
  TestDirectory directory;
  EXPECT_EQ(refusal(directory.path()), directory.path() + ": expected a config.json, found none");
  directory.write("config.json", "{}");
  EXPECT_EQ(refusal(directory.path()),
            directory.path() +
                ": expected model.safetensors or model.safetensors.index.json, found "
                "neither");
}

TEST(Checkpoint, RefusesWhatIsNoModelFile) {
  TestDirectory directory;
  EXPECT_EQ(refusal(directory.path() + "/none"),
            directory.path() +
                "/none: expected a file that can be read: No such file or directory");
  std::string file = directory.write("file", "text");
  EXPECT_EQ(refusal(file), file +
                               ": expected a GGUF file or a Hugging Face directory, found a file "
                               "that begins with 'text'");
  file = directory.write("empty", "");
  EXPECT_EQ(refusal(file), file +
                               ": expected a GGUF file or a Hugging Face directory, found a file "
                               "that begins with ''");
}

// Opening a pipe without a writer would wait for ever.
TEST(Checkpoint, RefusesPipes) {
  TestDirectory directory;
  std::string pipe = directory.path() + "/pipe";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_EQ(refusal(pipe), pipe + ": expected a regular file, found something else");
}

TEST(Checkpoint, ChecksTheTensorsOfAModel) {
  InMemory read(oneTensor("a"));
  ASSERT_TRUE(*read) << read.message();
  auto check = [&](const ExpectedTensor &wanted) {
    Failure failure = checkTensors(**read, {&wanted, 1});
    return failure ? failure->message : "";
  };
  EXPECT_EQ(check({"a", {1}}), "");
  EXPECT_EQ(check({"b", {2, 3}}), "file: tensor 'b': expected shape [2, 3], found no such tensor");
  EXPECT_EQ(check({"a", {1, 1}}), "file: tensor 'a': expected shape [1, 1], found [1]");
}

// The value that xxh128sum prints for this text.
TEST(MappedFile, HashesItsContent) {
  TestDirectory directory;
  Expected<MappedFile> file = MappedFile::open(directory.write("file", "abc"));
  ASSERT_TRUE(file) << file.error().message;
  EXPECT_EQ(file->text(), "abc");
  EXPECT_EQ(file->hash().hex(), "06b05ab6733a618578af5f94892f3950");
  EXPECT_EQ(MappedFile::open(directory.write("empty", ""))->hash().hex(),
            "99aa06d3014798d86001c324468d497f");
}

std::string jsonRefusal(std::string_view text) {
  MappedFile file = MappedFile::borrow("file", std::as_bytes(std::span(text)));
  Expected<nlohmann::json> json = readJsonObject(file);
  return json ? "" : json.error().message;
}

TEST(Json, ReadsObjects) { EXPECT_EQ(jsonRefusal(R"({"a":[1,2.5,null,true,"x",{"b":{}}]})"), ""); }

TEST(Json, RefusesWhatIsNoObject) {
  EXPECT_EQ(jsonRefusal(""), "file: line 1, column 1: expected more JSON, found the end");
  EXPECT_EQ(jsonRefusal("{\"a\":}"), "file: line 1, column 6: expected JSON, found '\"a\":}'");
  EXPECT_EQ(jsonRefusal("{\"a\":1e999}"), "file: line 1, column 10: expected JSON, found '1e999'");
  for (std::string_view text : {"[]", "1", "\"x\"", "null"})
    EXPECT_EQ(jsonRefusal(text), "file: expected a JSON object, found something else");
}

TEST(Json, RefusesKeysThatOccurTwice) {
  EXPECT_EQ(jsonRefusal(R"({"a":{"b":1,"b":2}})"),
            "file: expected each key of an object once, found 'b' twice");
  EXPECT_EQ(jsonRefusal(R"({"a":{"b":1},"c":{"b":2}})"), "");
}

TEST(Json, RefusesBombs) {
  std::string deep = "{\"a\":" + std::string(31, '[') + std::string(31, ']') + "}";
  EXPECT_EQ(jsonRefusal(deep), "");
  std::string deeper = "{\"a\":" + std::string(1000, '[');
  EXPECT_EQ(jsonRefusal(deeper), "file: expected at most 32 levels of nesting, found more");
  std::string wide = "{\"a\":[0";
  for (int i = 0; i < 20'000; ++i)
    wide += ",0";
  EXPECT_EQ(jsonRefusal(wide + "]}"), "file: expected at most 20000 values, found more");
  EXPECT_EQ(jsonRefusal(std::string(1'100'000, ' ')),
            "file: expected at most 1048576 bytes, found 1100000");
}

} // namespace
} // namespace tern::checkpoint
