// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "test/unit/emulator/Machine.h"

using namespace tern::test;

namespace {

std::string failure(const std::string &text) {
  Module module;
  return told(Module::parse(text, module));
}

/// What is wrong with a body whose first line is line 11 of the text.
std::string wrong(const std::string &body, unsigned target = 80) {
  return failure(kernel(".param .u64 x", body, "", target));
}

} // namespace

TEST(Parser, Header) {
  EXPECT_EQ(failure(".version 8.0\n.target sm_80\n.address_size 64\n"), "");
  EXPECT_EQ(failure(".version 9.5\n.target sm_89, debug\n.address_size 64\n"), "");
  EXPECT_EQ(failure(""), "line 1: expected .version, found the end of the text");
  EXPECT_EQ(failure(".version 6.5\n"),
            "line 1: expected a version of PTX from 7.0 to 9.9, found '6.5'");
  EXPECT_EQ(
      failure(".version 8.0\n.target sm_75\n"),
      "line 2: expected one of the targets sm_80, sm_86, sm_87, sm_89, sm_90 and sm_90a, found "
      "'sm_75'");
  EXPECT_EQ(failure(".version 8.0\n.target sm_80\n.address_size 32\n"),
            "line 3: expected addresses of 64 bits, found '32'");
  EXPECT_EQ(failure(".version 8.0\n.target sm_80, texmode_unified\n"),
            "line 2: expected the target option 'debug', found 'texmode_unified'");
}

TEST(Parser, NamesUnknownInstructions) {
  EXPECT_EQ(wrong("\nmov.u32 %r1, 1;\n  frobnicate.b32 %r1, %r2;"),
            "kernel 'k', line 13 'frobnicate.b32 %r1, %r2;': the instruction is not known to the "
            "emulator");
  EXPECT_EQ(wrong("add.s33 %r1, %r2, %r3;"),
            "kernel 'k', line 11 'add.s33 %r1, %r2, %r3;': these modifiers of the instruction are "
            "not known to the emulator");
  EXPECT_EQ(wrong("wgmma.fence.sync.aligned;", 90),
            "kernel 'k', line 11 'wgmma.fence.sync.aligned;': the instruction is not known to the "
            "emulator");
  EXPECT_EQ(wrong("cvt.s32.f32 %r1, %f1;"),
            "kernel 'k', line 11 'cvt.s32.f32 %r1, %f1;': this form of the instruction is not one "
            "that the emulator knows");
  EXPECT_EQ(wrong("call.uni (%r1), f, (%r2);"),
            "line 11: the instruction 'call' with arguments in parentheses is not known");
}

TEST(Parser, KnowsWhatLlvmWrites) {
  Module module;
  EXPECT_EQ(told(Module::parse(readPtx("llvm.ptx"), module)), "");
  EXPECT_GT(module.kernels().size(), 100u);
}

TEST(Parser, ChecksTargets) {
  EXPECT_EQ(wrong("add.rn.bf16 %h1, %h2, %h3;"),
            "kernel 'k', line 11 'add.rn.bf16 %h1, %h2, %h3;': needs sm_90, found sm_80");
  EXPECT_EQ(wrong("add.rn.bf16 %h1, %h2, %h3;", 90), "");
  // As ptxas has it, f32 alone converts to and from bf16 on sm_80.
  EXPECT_EQ(wrong("cvt.f32.bf16 %f1, %h1; cvt.rn.bf16.f32 %h1, %f1;"), "");
  EXPECT_EQ(wrong("cvt.f64.bf16 %e1, %h1;"),
            "kernel 'k', line 11 'cvt.f64.bf16 %e1, %h1;': needs sm_90, found sm_80");
  EXPECT_EQ(wrong("setp.lt.bf16 %p1, %h1, %h2;"),
            "kernel 'k', line 11 'setp.lt.bf16 %p1, %h1, %h2;': needs sm_90, found sm_80");
  EXPECT_EQ(wrong("fma.rn.bf16 %h1, %h2, %h3, %h1;"), "");
}

TEST(Parser, ChecksOperands) {
  auto reason = [](const std::string &body) {
    std::string message = wrong(body);
    size_t at = message.find(";': ");
    return at == message.npos ? message : message.substr(at + 4);
  };
  EXPECT_EQ(reason("add.s32 %r1, %r2;"), "expected more operands");
  EXPECT_EQ(reason("add.s32 %r1, %r2, %r3, %r4;"), "expected fewer operands");
  EXPECT_EQ(reason("add.s32 %r1, %r2, %d3;"),
            "expected an operand of type .s32, found the register %d3 of type .b64");
  EXPECT_EQ(reason("add.s32 %r1, %r2, %p3;"),
            "expected an operand of type .s32, found the register %p3 of type .pred");
  EXPECT_EQ(reason("add.s32 %r1, %r2, %f3;"),
            "expected an operand of type .s32, found the register %f3 of type .f32");
  EXPECT_EQ(reason("add.f32 %r1, %r2, %f3;"), "");
  EXPECT_EQ(reason("add.s32 5, %r2, %r3;"), "expected a register as destination");
  EXPECT_EQ(reason("add.s32 %r1, %r2, %q3;"), "the register %q3 is not known");
  EXPECT_EQ(reason("add.f32 %f1, %f2, 3;"), "expected a floating-point number as operand");
  EXPECT_EQ(reason("add.f32 %f1, %f2, 0d3ff0000000000000;"), "");
  EXPECT_EQ(reason("add.s32 %r1, %r2, %r99;"), "the register %r99 is not known");
  EXPECT_EQ(reason("add.s32 %r1, %r2, %r07;"), "the register %r07 is not known");
  EXPECT_EQ(reason("bra $nowhere;"), "expected a label of this kernel");
  EXPECT_EQ(reason("ld.global.v2.b32 {%r1, %r2, %r3}, [%d1];"), "expected a vector of 2 elements");
  EXPECT_EQ(reason("ld.global.b32 %r1, [y];"), "there is no 'y'");
  EXPECT_EQ(reason("ld.global.b32 %r1, %d1;"), "expected an address as operand");
  EXPECT_EQ(reason("ld.shared.b32 %r1, [x];"),
            "this form of the instruction is not one that the emulator knows");
  EXPECT_EQ(reason("cp.async.cg.shared.global [%r1], [%d1], 8;"),
            "this form of the instruction is not one that the emulator knows");
  EXPECT_EQ(reason("lop3.b32 %r1, %r1, %r1, %r1, 256;"),
            "this form of the instruction is not one that the emulator knows");
  EXPECT_EQ(reason("mov.b32 %r1, {%h1, %h2, %h3};"), "expected a vector of 2 elements");
}

TEST(Parser, Syntax) {
  EXPECT_EQ(wrong("add.s32 %r1 %r2;"),
            "line 11: expected ',' or ';' after an operand, found '%r2'");
  EXPECT_EQ(wrong("@%r1 bra $x;"), "line 11: expected a predicate register, found '%r1'");
  EXPECT_EQ(wrong("mov.u32 %r1, 0xfffffffffffffffff;"),
            "line 11: expected a number, found '0xfffffffffffffffff;\nret'");
  EXPECT_EQ(wrong("mov.f32 %f1, 0f123;"), "line 11: expected a number, found '0f123;\nret;\n}\n'");
  EXPECT_EQ(wrong("mov.u32 %r1, 12ab;"), "line 11: expected a number, found '12ab;\nret;\n}\n'");
  EXPECT_EQ(wrong("mov.u32 %r1, `;"), "line 11: expected PTX, found the byte 0x60");
  EXPECT_EQ(wrong("/* no end"), "line 11: a comment has no end");
  EXPECT_EQ(wrong("{"), "line 14: expected '}' of a kernel's body, found the end of the text");
  EXPECT_EQ(wrong("}"), "line 12: expected a directive, found 'ret'");
  EXPECT_EQ(wrong(".reg .b32 %r<5>;"), "line 11: there is a register '%r' already");
  EXPECT_EQ(wrong(".reg .b32 %q<300000>;"),
            "line 11: expected a number of registers of at most 65536, found '300000'");
  EXPECT_EQ(wrong(".reg .v4 .b32 %q;"),
            "line 11: expected a type of registers from 16 to 64 bits, or .pred, found '.v4'");
  EXPECT_EQ(wrong(std::string(100, '{')), "line 11: expected less than 64 open blocks, found '{'");
  EXPECT_EQ(wrong(".shared .align 3 .b8 s[4];"),
            "line 11: expected a power of two as alignment, found 3");
  EXPECT_EQ(wrong(".shared .b8 s[300000];"),
            "line 11: expected at most 232448 bytes of .shared, found 300000");
  EXPECT_EQ(wrong(".callprototype _;"),
            "line 11: the directive .callprototype in a kernel's body is not known");
}

TEST(Parser, Modules) {
  EXPECT_EQ(failure(ptx(".extern .func (.param .b32 r) __nv_expf(.param .b32 x);\n")),
            "line 4: expected kernels alone, found the function (.func)");
  EXPECT_EQ(failure(ptx(".func f() { ret; }\n")),
            "line 4: expected kernels alone, found the function 'f' (.func)");
  EXPECT_EQ(failure(ptx(".extern .global .u32 x;\n")),
            "line 4: the variable 'x' is another module's");
  EXPECT_EQ(failure(ptx(".global .u32 x = {1, 2};\n")),
            "line 4: the variable 'x' has more initial values than room");
  EXPECT_EQ(failure(ptx(".global .u32 x, x;\n")),
            "line 4: there is a variable 'x' already, in line 4");
  EXPECT_EQ(failure(ptx(".shared .u32 x = 1;\n")),
            "line 4: a variable of .shared has no initial value");
  EXPECT_EQ(failure(ptx(".global .b8 x[];\n")), "line 4: expected the extent of the variable 'x'");
  EXPECT_EQ(failure(ptx(".entry k() { ret; }\n.entry k() { ret; }\n")),
            "line 5: there is a kernel 'k' already, in line 4");
  EXPECT_EQ(failure(ptx(".entry k();\n")), "line 4: the kernel 'k' has no body");
  EXPECT_EQ(failure(ptx(".tex .u64 t;\n")), "line 4: the directive .tex is not known");
}

TEST(Parser, SkipsWhatDebuggersRead) {
  EXPECT_EQ(
      failure(ptx(".file 1 \"k.cu\"\n.pragma \"unroll\";\n.visible .entry k()\n.maxntid 32, 1, 1\n"
                  ".minnctapersm 2\n{\n.reg .b32 %r<2>;\n.loc 1 5 3\nmov.u32 %r1, 1; // two\n"
                  "/* three\n four */ .pragma \"nounroll\";\n"
                  ".loc 1 6 3, function_name $L__info, inlined_at 1 2 3\nret;\n}\n"
                  ".section .debug_str { $L__info: .b8 1, 2\n .b64 .debug_abbrev }\n")),
      "");
}

TEST(Parser, Blocks) {
  // Inner names hide outer ones; labels are looked for outwards.
  Machine machine(kernel(".param .u64 x",
                         "ld.param.u64 %d0, [x]; mov.u32 %r1, 1; $on: {.reg .b32 %r1; .reg .pred p;"
                         "mov.u32 %r1, 7; setp.eq.u32 p, %r1, 7; {.reg .b32 t<2>; mov.u32 t1, %r1;"
                         "@p bra $end; trap;} } $end: st.global.u32 [%d0], %r1;"));
  std::vector<uint32_t> x(1);
  EXPECT_EQ(machine.run({1}, {1}, Parameters(machine.add(x, "x"))), "");
  EXPECT_EQ(x[0], 1u);
  EXPECT_NE(wrong("bra $in; {$in: mov.u32 %r1, 1;}").find("expected a label of this kernel"),
            std::string::npos);
}

TEST(Parser, Numbers) {
  Machine machine(
      kernel(".param .u64 x",
             "ld.param.u64 %d0, [x]; mov.u32 %r1, 0x1F; mov.u32 %r2, 017; mov.u32 %r3, 0b101;"
             "mov.u32 %r4, -1; st.global.v4.u32 [%d0], {%r1, %r2, %r3, %r4};"
             "mov.f32 %f1, 0f40490FDB; mov.f32 %f2, 1.5; mov.u32 %r5, 7U;"
             "mov.f32 %f3, -0f3F800000; st.global.v4.b32 [%d0 + 16], {%f1, %f2, %r5, %f3};"
             "mov.f64 %e1, 0d4000000000000000; st.global.f64 [%d0+32], %e1;"));
  std::vector<uint32_t> x(10);
  EXPECT_EQ(machine.run({1}, {1}, Parameters(machine.add(x, "x"))), "");
  EXPECT_EQ(x, (std::vector<uint32_t>{31, 15, 5, ~0u, 0x40490fdb, 0x3fc00000, 7, 0xbf800000, 0,
                                      0x40000000}));
}

TEST(Parser, Launches) {
  Machine machine(
      ptx(".entry k(.param .u64 x) .reqntid 32, 2 { ret; }\n.entry l() .maxntid 64 { ret; }\n"));
  auto run = [&](const std::string &name, Size3 grid, Size3 block, uint64_t dynamicBytes = 0) {
    machine.kernelName = name;
    return machine.run(grid, block, name == "k" ? Parameters(uint64_t{0}) : Parameters(),
                       dynamicBytes);
  };
  EXPECT_EQ(machine.module.kernels(), (std::vector<std::string>{"k", "l"}));
  EXPECT_EQ(run("k", {1}, {32, 2}), "");
  EXPECT_EQ(run("k", {1}, {64}), "kernel 'k': expected a CTA of 32x2x1 threads, found 64x1x1");
  EXPECT_EQ(run("l", {1}, {65}), "kernel 'l': expected at most 64 threads in a CTA, found 65");
  EXPECT_EQ(run("l", {0}, {1}), "kernel 'l': expected 1 to 16777215 CTAs, found 0x1x1");
  EXPECT_EQ(run("l", {1}, {2048}),
            "kernel 'l': expected a CTA of 1 to 1024 threads, found 2048x1x1");
  EXPECT_EQ(run("l", {1}, {32}, 300000),
            "kernel 'l': expected at most 232448 bytes of shared memory, found 0 static and 300000 "
            "dynamic ones");
  EXPECT_EQ(run("m", {1}, {32}), "the module has no kernel 'm'");
}
