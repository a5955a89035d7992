# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# cmake -DOUT=FILE.cpp -DHEADER=H -DTYPE=T -DFUNCTION=F "-DFILES=a;b" -P EmbedFiles.cmake
# The text of each file under its name, as TYPE{name, text}.
set(text "#include \"${HEADER}\"\n\n")
string(APPEND text "std::vector<${TYPE}> ${FUNCTION}() {\n")
string(APPEND text "  return {\n")
foreach(file IN LISTS FILES)
  get_filename_component(name ${file} NAME)
  # Not file(READ), which would split the text at semicolons and brackets.
  file(READ ${file} bytes HEX)
  string(REGEX REPLACE "(..)" "\\\\x\\1" bytes "${bytes}")
  string(APPEND text "      {\"${name}\", \"${bytes}\"},\n")
endforeach()
string(APPEND text "  };\n}\n")
file(WRITE ${OUT} "${text}")
