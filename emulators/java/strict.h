/* java.lang.StrictMath: what Sun's fdlibm gives, to the last digit, which the C library's functions don't always. Each is the function
 * of that name. */
#ifndef TARN_JAVA_STRICT_H
#define TARN_JAVA_STRICT_H

double java_exp(double x);
double java_expm1(double x);
double java_log(double x);
double java_log10(double x);
double java_log1p(double x);
double java_pow(double x, double y);
double java_cbrt(double x);
double java_hypot(double x, double y);
double java_sinh(double x);
double java_cosh(double x);
double java_tanh(double x);
double java_asin(double x);
double java_acos(double x);
double java_atan(double x);
double java_atan2(double y, double x);

#endif
