# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# cmake -DOUT=FILE.cpp -DFILES=a.rules;b.rules -P EmbedRules.cmake
set(text "#include \"passes/Saturate/Rules.h\"\n\n")
string(APPEND text "std::vector<tern::egraph::RuleFile> tern::saturate::shippedRules() {\n")
string(APPEND text "  return {\n")
foreach(file IN LISTS FILES)
  get_filename_component(name ${file} NAME)
  # Not file(READ), which would split the text at semicolons and brackets.
  file(READ ${file} bytes HEX)
  string(REGEX REPLACE "(..)" "\\\\x\\1" bytes "${bytes}")
  string(APPEND text "      {\"${name}\", \"${bytes}\", true},\n")
endforeach()
string(APPEND text "  };\n}\n")
file(WRITE ${OUT} "${text}")
