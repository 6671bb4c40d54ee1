#include "java/strict.h"

#include <math.h>

double java_exp(double x) { return exp(x); }
double java_expm1(double x) { return expm1(x); }
double java_log(double x) { return log(x); }
double java_log10(double x) { return log10(x); }
double java_log1p(double x) { return log1p(x); }
double java_pow(double x, double y) { return pow(x, y); }
double java_cbrt(double x) { return cbrt(x); }
double java_hypot(double x, double y) { return hypot(x, y); }
double java_sinh(double x) { return sinh(x); }
double java_cosh(double x) { return cosh(x); }
double java_tanh(double x) { return tanh(x); }
double java_asin(double x) { return asin(x); }
double java_acos(double x) { return acos(x); }
double java_atan(double x) { return atan(x); }
double java_atan2(double y, double x) { return atan2(y, x); }
