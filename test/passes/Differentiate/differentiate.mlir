// RUN: tern-opt %s --tern-differentiate=function=f --tern-collect-scalars --cse | FileCheck %s
// RUN: tern-opt %s --tern-differentiate='function=f argument=1' | FileCheck %s --check-prefix=BY-G
// RUN: tern-opt %s --tern-differentiate=function=f --tern-differentiate=function=f.jacobian | FileCheck %s --check-prefix=TWICE

// Derivatives of the three values: of x1 by x1, of x0 by x0. The places, integers, are not looked at.
// TWICE-LABEL: @f.jacobian.jacobian
// TWICE-DAG:     tern.constant dense<[0, 1]> : tensor<2xi32>
// TWICE-DAG:     tern.constant dense<[1, 0]> : tensor<2xi32>

// Row 0 is x0 x1, row 1 is g x0, row 2 a constant: three derivatives are not 0.
// CHECK-LABEL: @f.jacobian
// CHECK-SAME:    (%[[X:.*]]: tensor<2xf64>, %[[G:.*]]: tensor<f64>)
// CHECK-DAG:     %[[COLUMNS:.*]] = tern.constant dense<[0, 1, 0]> : tensor<3xi32>
// CHECK-DAG:     %[[ROWS:.*]] = tern.constant dense<[0, 0, 1]> : tensor<3xi32>
// CHECK-DAG:     %[[VALUES:.*]] = tern.concat
// CHECK:         return %[[VALUES]], %[[ROWS]], %[[COLUMNS]]

// BY-G-LABEL:  @f.jacobian
// BY-G:          tern.constant dense<1> : tensor<1xi32>
func.func @f(%x: tensor<2xf64>, %g: tensor<f64>) -> tensor<3xf64> {
  %0 = tern.slice %x axis 0 from 0 size 1 : tensor<2xf64>
  %1 = tern.slice %x axis 0 from 1 size 1 : tensor<2xf64>
  %2 = tern.mul %0, %1 : tensor<1xf64>, tensor<1xf64>
  %3 = tern.mul %0, %g : tensor<1xf64>, tensor<f64>
  %4 = tern.constant dense<7.0> : tensor<1xf64>
  %5 = tern.concat %2, %3, %4 axis 0 : tensor<1xf64>, tensor<1xf64>, tensor<1xf64>
  return %5 : tensor<3xf64>
}
