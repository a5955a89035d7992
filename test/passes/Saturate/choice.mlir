// A low-rank term is kept, or folded into the weight and rounded, as its cost says. Folding takes about
// a millisecond a load, keeping it some microseconds a step: more of them the higher the rank is and
// the more rows a step has.
// RUN: tern-opt %s --tern-saturate='for-prompt=1 for-context=2000 steps-per-load=10' | FileCheck %s --check-prefixes=CHECK,LOW-KEEP,HIGH-KEEP
// RUN: tern-opt %s --tern-saturate='for-prompt=1 for-context=2000 steps-per-load=150' | FileCheck %s --check-prefixes=CHECK,LOW-KEEP,HIGH-FOLD
// RUN: tern-opt %s --tern-saturate='for-prompt=1 for-context=2000 steps-per-load=150 for-batch=64' | FileCheck %s --check-prefixes=CHECK,LOW-FOLD,HIGH-FOLD
// RUN: tern-opt %s --tern-saturate='for-prompt=1 for-context=2000' | FileCheck %s --check-prefixes=CHECK,LOW-FOLD,HIGH-FOLD
// Without laws it is decided too.
// RUN: tern-opt %s --tern-saturate='rules=none steps-per-load=10' | FileCheck %s --check-prefixes=CHECK,LOW-KEEP,HIGH-KEEP

// CHECK:     tern.choices = [
// LOW-KEEP-SAME:  {chosen = "keep", function = "low", name = "w"}
// LOW-FOLD-SAME:  {chosen = "fold", function = "low", name = "w"}
// HIGH-KEEP-SAME: {chosen = "keep", function = "high", name = "w"}
// HIGH-FOLD-SAME: {chosen = "fold", function = "high", name = "w"}
// CHECK-NOT: tern.choice
// LOW-KEEP:  tensor<?x16xf32
// LOW-FOLD-NOT:  tensor<?x16xf32

tern.dim @T from 1 to 512

func.func @low(%x: tensor<?x1024xbf16, #tern.dims<T>>) -> tensor<?x1024xf32, #tern.dims<T>> {
  %w = tern.weight "w" : tensor<1024x1024xbf16>
  %a = tern.weight "a.16" : tensor<16x1024xbf16>
  %b = tern.weight "b.16" : tensor<1024x16xbf16>
  %0 = tern.contract "tk,nk->tn" %x, %w : tensor<?x1024xbf16, #tern.dims<T>>, tensor<1024x1024xbf16>
  %1 = tern.contract "tk,rk->tr" %x, %a : tensor<?x1024xbf16, #tern.dims<T>>, tensor<16x1024xbf16>
  %2 = tern.cast %1 : tensor<?x16xf32, #tern.dims<T>> to tensor<?x16xbf16, #tern.dims<T>>
  %3 = tern.contract "tr,nr->tn" %2, %b : tensor<?x16xbf16, #tern.dims<T>>, tensor<1024x16xbf16>
  %keep = tern.add %0, %3 : tensor<?x1024xf32, #tern.dims<T>>, tensor<?x1024xf32, #tern.dims<T>>
  %4 = tern.contract "nr,rk->nk" %b, %a : tensor<1024x16xbf16>, tensor<16x1024xbf16>
  %5 = tern.cast %w : tensor<1024x1024xbf16> to tensor<1024x1024xf32>
  %6 = tern.add %5, %4 : tensor<1024x1024xf32>, tensor<1024x1024xf32>
  %7 = tern.cast %6 : tensor<1024x1024xf32> to tensor<1024x1024xbf16>
  %fold = tern.contract "tk,nk->tn" %x, %7 : tensor<?x1024xbf16, #tern.dims<T>>, tensor<1024x1024xbf16>
  %y = tern.choice "w" %keep, %fold : tensor<?x1024xf32, #tern.dims<T>>, tensor<?x1024xf32, #tern.dims<T>>
  return %y : tensor<?x1024xf32, #tern.dims<T>>
}

func.func @high(%x: tensor<?x1024xbf16, #tern.dims<T>>) -> tensor<?x1024xf32, #tern.dims<T>> {
  %w = tern.weight "w" : tensor<1024x1024xbf16>
  %a = tern.weight "a.512" : tensor<512x1024xbf16>
  %b = tern.weight "b.512" : tensor<1024x512xbf16>
  %0 = tern.contract "tk,nk->tn" %x, %w : tensor<?x1024xbf16, #tern.dims<T>>, tensor<1024x1024xbf16>
  %1 = tern.contract "tk,rk->tr" %x, %a : tensor<?x1024xbf16, #tern.dims<T>>, tensor<512x1024xbf16>
  %2 = tern.cast %1 : tensor<?x512xf32, #tern.dims<T>> to tensor<?x512xbf16, #tern.dims<T>>
  %3 = tern.contract "tr,nr->tn" %2, %b : tensor<?x512xbf16, #tern.dims<T>>, tensor<1024x512xbf16>
  %keep = tern.add %0, %3 : tensor<?x1024xf32, #tern.dims<T>>, tensor<?x1024xf32, #tern.dims<T>>
  %4 = tern.contract "nr,rk->nk" %b, %a : tensor<1024x512xbf16>, tensor<512x1024xbf16>
  %5 = tern.cast %w : tensor<1024x1024xbf16> to tensor<1024x1024xf32>
  %6 = tern.add %5, %4 : tensor<1024x1024xf32>, tensor<1024x1024xf32>
  %7 = tern.cast %6 : tensor<1024x1024xf32> to tensor<1024x1024xbf16>
  %fold = tern.contract "tk,nk->tn" %x, %7 : tensor<?x1024xbf16, #tern.dims<T>>, tensor<1024x1024xbf16>
  %y = tern.choice "w" %keep, %fold : tensor<?x1024xf32, #tern.dims<T>>, tensor<?x1024xf32, #tern.dims<T>>
  return %y : tensor<?x1024xf32, #tern.dims<T>>
}
