// Each term of a chain in which both operands are one value is looked at once: 2^60 visits would
// not end.
// RUN: tern-compile %s -o %t.tern
// RUN: tern-run %t.tern --function=rows --input=2xf32=1,2 | FileCheck %s --check-prefix=ROWS
// RUN: tern-run %t.tern --function=loops --input=2xf64=1,2 | FileCheck %s --check-prefix=LOOPS
// ROWS: 2xf32=
// LOOPS: 2xf64=

func.func @rows(%a0: tensor<2xf32>) -> tensor<2xf32> {
  %a1 = tern.add %a0, %a0 : tensor<2xf32>, tensor<2xf32>
  %a2 = tern.add %a1, %a1 : tensor<2xf32>, tensor<2xf32>
  %a3 = tern.add %a2, %a2 : tensor<2xf32>, tensor<2xf32>
  %a4 = tern.add %a3, %a3 : tensor<2xf32>, tensor<2xf32>
  %a5 = tern.add %a4, %a4 : tensor<2xf32>, tensor<2xf32>
  %a6 = tern.add %a5, %a5 : tensor<2xf32>, tensor<2xf32>
  %a7 = tern.add %a6, %a6 : tensor<2xf32>, tensor<2xf32>
  %a8 = tern.add %a7, %a7 : tensor<2xf32>, tensor<2xf32>
  %a9 = tern.add %a8, %a8 : tensor<2xf32>, tensor<2xf32>
  %a10 = tern.add %a9, %a9 : tensor<2xf32>, tensor<2xf32>
  %a11 = tern.add %a10, %a10 : tensor<2xf32>, tensor<2xf32>
  %a12 = tern.add %a11, %a11 : tensor<2xf32>, tensor<2xf32>
  %a13 = tern.add %a12, %a12 : tensor<2xf32>, tensor<2xf32>
  %a14 = tern.add %a13, %a13 : tensor<2xf32>, tensor<2xf32>
  %a15 = tern.add %a14, %a14 : tensor<2xf32>, tensor<2xf32>
  %a16 = tern.add %a15, %a15 : tensor<2xf32>, tensor<2xf32>
  %a17 = tern.add %a16, %a16 : tensor<2xf32>, tensor<2xf32>
  %a18 = tern.add %a17, %a17 : tensor<2xf32>, tensor<2xf32>
  %a19 = tern.add %a18, %a18 : tensor<2xf32>, tensor<2xf32>
  %a20 = tern.add %a19, %a19 : tensor<2xf32>, tensor<2xf32>
  %a21 = tern.add %a20, %a20 : tensor<2xf32>, tensor<2xf32>
  %a22 = tern.add %a21, %a21 : tensor<2xf32>, tensor<2xf32>
  %a23 = tern.add %a22, %a22 : tensor<2xf32>, tensor<2xf32>
  %a24 = tern.add %a23, %a23 : tensor<2xf32>, tensor<2xf32>
  %a25 = tern.add %a24, %a24 : tensor<2xf32>, tensor<2xf32>
  %a26 = tern.add %a25, %a25 : tensor<2xf32>, tensor<2xf32>
  %a27 = tern.add %a26, %a26 : tensor<2xf32>, tensor<2xf32>
  %a28 = tern.add %a27, %a27 : tensor<2xf32>, tensor<2xf32>
  %a29 = tern.add %a28, %a28 : tensor<2xf32>, tensor<2xf32>
  %a30 = tern.add %a29, %a29 : tensor<2xf32>, tensor<2xf32>
  %a31 = tern.add %a30, %a30 : tensor<2xf32>, tensor<2xf32>
  %a32 = tern.add %a31, %a31 : tensor<2xf32>, tensor<2xf32>
  %a33 = tern.add %a32, %a32 : tensor<2xf32>, tensor<2xf32>
  %a34 = tern.add %a33, %a33 : tensor<2xf32>, tensor<2xf32>
  %a35 = tern.add %a34, %a34 : tensor<2xf32>, tensor<2xf32>
  %a36 = tern.add %a35, %a35 : tensor<2xf32>, tensor<2xf32>
  %a37 = tern.add %a36, %a36 : tensor<2xf32>, tensor<2xf32>
  %a38 = tern.add %a37, %a37 : tensor<2xf32>, tensor<2xf32>
  %a39 = tern.add %a38, %a38 : tensor<2xf32>, tensor<2xf32>
  %a40 = tern.add %a39, %a39 : tensor<2xf32>, tensor<2xf32>
  %a41 = tern.add %a40, %a40 : tensor<2xf32>, tensor<2xf32>
  %a42 = tern.add %a41, %a41 : tensor<2xf32>, tensor<2xf32>
  %a43 = tern.add %a42, %a42 : tensor<2xf32>, tensor<2xf32>
  %a44 = tern.add %a43, %a43 : tensor<2xf32>, tensor<2xf32>
  %a45 = tern.add %a44, %a44 : tensor<2xf32>, tensor<2xf32>
  %a46 = tern.add %a45, %a45 : tensor<2xf32>, tensor<2xf32>
  %a47 = tern.add %a46, %a46 : tensor<2xf32>, tensor<2xf32>
  %a48 = tern.add %a47, %a47 : tensor<2xf32>, tensor<2xf32>
  %a49 = tern.add %a48, %a48 : tensor<2xf32>, tensor<2xf32>
  %a50 = tern.add %a49, %a49 : tensor<2xf32>, tensor<2xf32>
  %a51 = tern.add %a50, %a50 : tensor<2xf32>, tensor<2xf32>
  %a52 = tern.add %a51, %a51 : tensor<2xf32>, tensor<2xf32>
  %a53 = tern.add %a52, %a52 : tensor<2xf32>, tensor<2xf32>
  %a54 = tern.add %a53, %a53 : tensor<2xf32>, tensor<2xf32>
  %a55 = tern.add %a54, %a54 : tensor<2xf32>, tensor<2xf32>
  %a56 = tern.add %a55, %a55 : tensor<2xf32>, tensor<2xf32>
  %a57 = tern.add %a56, %a56 : tensor<2xf32>, tensor<2xf32>
  %a58 = tern.add %a57, %a57 : tensor<2xf32>, tensor<2xf32>
  %a59 = tern.add %a58, %a58 : tensor<2xf32>, tensor<2xf32>
  %a60 = tern.add %a59, %a59 : tensor<2xf32>, tensor<2xf32>
  return %a60 : tensor<2xf32>
}

func.func @loops(%a0: tensor<2xf64>) -> tensor<2xf64> {
  %a1 = tern.add %a0, %a0 : tensor<2xf64>, tensor<2xf64>
  %a2 = tern.add %a1, %a1 : tensor<2xf64>, tensor<2xf64>
  %a3 = tern.add %a2, %a2 : tensor<2xf64>, tensor<2xf64>
  %a4 = tern.add %a3, %a3 : tensor<2xf64>, tensor<2xf64>
  %a5 = tern.add %a4, %a4 : tensor<2xf64>, tensor<2xf64>
  %a6 = tern.add %a5, %a5 : tensor<2xf64>, tensor<2xf64>
  %a7 = tern.add %a6, %a6 : tensor<2xf64>, tensor<2xf64>
  %a8 = tern.add %a7, %a7 : tensor<2xf64>, tensor<2xf64>
  %a9 = tern.add %a8, %a8 : tensor<2xf64>, tensor<2xf64>
  %a10 = tern.add %a9, %a9 : tensor<2xf64>, tensor<2xf64>
  %a11 = tern.add %a10, %a10 : tensor<2xf64>, tensor<2xf64>
  %a12 = tern.add %a11, %a11 : tensor<2xf64>, tensor<2xf64>
  %a13 = tern.add %a12, %a12 : tensor<2xf64>, tensor<2xf64>
  %a14 = tern.add %a13, %a13 : tensor<2xf64>, tensor<2xf64>
  %a15 = tern.add %a14, %a14 : tensor<2xf64>, tensor<2xf64>
  %a16 = tern.add %a15, %a15 : tensor<2xf64>, tensor<2xf64>
  %a17 = tern.add %a16, %a16 : tensor<2xf64>, tensor<2xf64>
  %a18 = tern.add %a17, %a17 : tensor<2xf64>, tensor<2xf64>
  %a19 = tern.add %a18, %a18 : tensor<2xf64>, tensor<2xf64>
  %a20 = tern.add %a19, %a19 : tensor<2xf64>, tensor<2xf64>
  %a21 = tern.add %a20, %a20 : tensor<2xf64>, tensor<2xf64>
  %a22 = tern.add %a21, %a21 : tensor<2xf64>, tensor<2xf64>
  %a23 = tern.add %a22, %a22 : tensor<2xf64>, tensor<2xf64>
  %a24 = tern.add %a23, %a23 : tensor<2xf64>, tensor<2xf64>
  %a25 = tern.add %a24, %a24 : tensor<2xf64>, tensor<2xf64>
  %a26 = tern.add %a25, %a25 : tensor<2xf64>, tensor<2xf64>
  %a27 = tern.add %a26, %a26 : tensor<2xf64>, tensor<2xf64>
  %a28 = tern.add %a27, %a27 : tensor<2xf64>, tensor<2xf64>
  %a29 = tern.add %a28, %a28 : tensor<2xf64>, tensor<2xf64>
  %a30 = tern.add %a29, %a29 : tensor<2xf64>, tensor<2xf64>
  %a31 = tern.add %a30, %a30 : tensor<2xf64>, tensor<2xf64>
  %a32 = tern.add %a31, %a31 : tensor<2xf64>, tensor<2xf64>
  %a33 = tern.add %a32, %a32 : tensor<2xf64>, tensor<2xf64>
  %a34 = tern.add %a33, %a33 : tensor<2xf64>, tensor<2xf64>
  %a35 = tern.add %a34, %a34 : tensor<2xf64>, tensor<2xf64>
  %a36 = tern.add %a35, %a35 : tensor<2xf64>, tensor<2xf64>
  %a37 = tern.add %a36, %a36 : tensor<2xf64>, tensor<2xf64>
  %a38 = tern.add %a37, %a37 : tensor<2xf64>, tensor<2xf64>
  %a39 = tern.add %a38, %a38 : tensor<2xf64>, tensor<2xf64>
  %a40 = tern.add %a39, %a39 : tensor<2xf64>, tensor<2xf64>
  %a41 = tern.add %a40, %a40 : tensor<2xf64>, tensor<2xf64>
  %a42 = tern.add %a41, %a41 : tensor<2xf64>, tensor<2xf64>
  %a43 = tern.add %a42, %a42 : tensor<2xf64>, tensor<2xf64>
  %a44 = tern.add %a43, %a43 : tensor<2xf64>, tensor<2xf64>
  %a45 = tern.add %a44, %a44 : tensor<2xf64>, tensor<2xf64>
  %a46 = tern.add %a45, %a45 : tensor<2xf64>, tensor<2xf64>
  %a47 = tern.add %a46, %a46 : tensor<2xf64>, tensor<2xf64>
  %a48 = tern.add %a47, %a47 : tensor<2xf64>, tensor<2xf64>
  %a49 = tern.add %a48, %a48 : tensor<2xf64>, tensor<2xf64>
  %a50 = tern.add %a49, %a49 : tensor<2xf64>, tensor<2xf64>
  %a51 = tern.add %a50, %a50 : tensor<2xf64>, tensor<2xf64>
  %a52 = tern.add %a51, %a51 : tensor<2xf64>, tensor<2xf64>
  %a53 = tern.add %a52, %a52 : tensor<2xf64>, tensor<2xf64>
  %a54 = tern.add %a53, %a53 : tensor<2xf64>, tensor<2xf64>
  %a55 = tern.add %a54, %a54 : tensor<2xf64>, tensor<2xf64>
  %a56 = tern.add %a55, %a55 : tensor<2xf64>, tensor<2xf64>
  %a57 = tern.add %a56, %a56 : tensor<2xf64>, tensor<2xf64>
  %a58 = tern.add %a57, %a57 : tensor<2xf64>, tensor<2xf64>
  %a59 = tern.add %a58, %a58 : tensor<2xf64>, tensor<2xf64>
  %a60 = tern.add %a59, %a59 : tensor<2xf64>, tensor<2xf64>
  return %a60 : tensor<2xf64>
}
