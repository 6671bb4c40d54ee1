/* The rest of fdlibm 5.3: arcs and hyperbolic functions. See strict.c. */
#include "java/strict.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

static int32_t hi(double x)
{
	uint64_t u;
	memcpy(&u, &x, sizeof(u));
	return (int32_t)(u >> 32);
}

static double cut(double x)
{
	uint64_t u;
	memcpy(&u, &x, sizeof(u));
	u &= 0xffffffff00000000u;
	memcpy(&x, &u, sizeof(x));
	return x;
}

static const double PI_HALF = 1.57079632679489655800e+00, PI_HALF_LO = 6.12323399573676603587e-17, PI = 3.14159265358979311600e+00;

double java_sinh(double x)
{
	const int32_t h = hi(x) & 0x7fffffff;
	const double half = x < 0 ? -0.5 : 0.5, a = fabs(x);
	double t;
	if (!isfinite(x))
		return x;
	if (h < 0x40360000) {
		if (h < 0x3e300000)
			return x;
		t = java_expm1(a);
		return h < 0x3ff00000 ? half * (2.0 * t - t * t / (t + 1)) : half * (t + t / (t + 1));
	}
	if (h < 0x40862e42)
		return half * java_exp(a);
	t = java_exp(0.5 * a);
	return half * t * t;
}

double java_cosh(double x)
{
	const int32_t h = hi(x) & 0x7fffffff;
	const double a = fabs(x);
	double t, w;
	if (!isfinite(x))
		return x * x;
	if (h < 0x3fd62e43) {
		t = java_expm1(a);
		w = 1 + t;
		return h < 0x3c800000 ? w : 1 + (t * t) / (w + w);
	}
	if (h < 0x40360000) {
		t = java_exp(a);
		return 0.5 * t + 0.5 / t;
	}
	if (h < 0x40862e42)
		return 0.5 * java_exp(a);
	t = java_exp(0.5 * a);
	return 0.5 * t * t;
}

double java_tanh(double x)
{
	const int32_t h = hi(x) & 0x7fffffff;
	double t, z = 1.0;
	if (isnan(x))
		return x;
	if (h < 0x40360000) {
		if (h < 0x3c800000)
			return x * (1 + x);
		t = java_expm1((h >= 0x3ff00000 ? 2.0 : -2.0) * fabs(x));
		z = h >= 0x3ff00000 ? 1 - 2.0 / (t + 2.0) : -t / (t + 2.0);
	}
	return hi(x) >= 0 ? z : -z;
}

/* The quotient of polynomials for asin and acos. */
static double arc(double t)
{
	const double p =
		t * (1.66666666666666657415e-01 +
		     t * (-3.25565818622400915405e-01 +
			  t * (2.01212532134862925881e-01 +
			       t * (-4.00555345006794114027e-02 + t * (7.91534994289814532176e-04 + t * 3.47933107596021167570e-05)))));
	const double q = 1 + t * (-2.40339491173441421878e+00 +
				  t * (2.02094576023350569471e+00 + t * (-6.88283971605453293030e-01 + t * 7.70381505559019352791e-02)));
	return p / q;
}

double java_asin(double x)
{
	const int32_t h = hi(x) & 0x7fffffff;
	double t, w, s, c, p;
	if (!(fabs(x) <= 1))
		return NAN;
	if (fabs(x) == 1)
		return x * PI_HALF + x * PI_HALF_LO;
	if (h < 0x3fe00000)
		return h < 0x3e400000 ? x : x + x * arc(x * x);
	t = (1 - fabs(x)) * 0.5;
	s = sqrt(t);
	if (h >= 0x3fef3333) {
		t = PI_HALF - (2.0 * (s + s * arc(t)) - PI_HALF_LO);
	} else {
		w = cut(s);
		c = (t - w * w) / (s + w);
		p = 2.0 * s * arc(t) - (PI_HALF_LO - 2.0 * c);
		t = 7.85398163397448278999e-01 - (p - (7.85398163397448278999e-01 - 2.0 * w));
	}
	return x > 0 ? t : -t;
}

double java_acos(double x)
{
	const int32_t h = hi(x) & 0x7fffffff;
	double z, s, w, c;
	if (!(fabs(x) <= 1))
		return NAN;
	if (fabs(x) == 1)
		return x > 0 ? 0.0 : PI + 2.0 * PI_HALF_LO;
	if (h < 0x3fe00000)
		return h <= 0x3c600000 ? PI_HALF + PI_HALF_LO : PI_HALF - (x - (PI_HALF_LO - x * arc(x * x)));
	z = (1 - fabs(x)) * 0.5;
	s = sqrt(z);
	if (x < 0)
		return PI - 2.0 * (s + (arc(z) * s - PI_HALF_LO));
	w = cut(s);
	c = (z - w * w) / (s + w);
	return 2.0 * (w + (arc(z) * s + c));
}

double java_atan(double x)
{
	static const double high[] = { 4.63647609000806093515e-01, 7.85398163397448278999e-01, 9.82793723247329054082e-01, 1.57079632679489655800e+00 };
	static const double low[] = { 2.26987774529616870924e-17, 3.06161699786838301793e-17, 1.39033110312309984516e-17, 6.12323399573676603587e-17 };
	const int32_t h = hi(x) & 0x7fffffff;
	const int negative = hi(x) < 0;
	double z, w, s;
	int id = -1;
	if (isnan(x))
		return x;
	if (h >= 0x44100000)
		return negative ? -high[3] - low[3] : high[3] + low[3];
	if (h < 0x3fdc0000) {
		if (h < 0x3e200000)
			return x;
	} else {
		x = fabs(x);
		id = h < 0x3fe60000 ? 0 : h < 0x3ff30000 ? 1 : h < 0x40038000 ? 2 : 3;
		x = id == 0 ? (2.0 * x - 1) / (2.0 + x) : id == 1 ? (x - 1) / (x + 1) : id == 2 ? (x - 1.5) / (1 + 1.5 * x) : -1.0 / x;
	}
	z = x * x;
	w = z * z;
	s = z * (3.33333333333329318027e-01 +
		 w * (1.42857142725034663711e-01 +
		      w * (9.09088713343650656196e-02 +
			   w * (6.66107313738753120669e-02 + w * (4.97687799461593236017e-02 + w * 1.62858201153657823623e-02))))) +
	    w * (-1.99999999998764832476e-01 +
		 w * (-1.11111104054623557880e-01 +
		      w * (-7.69187620504482999495e-02 + w * (-5.83357013379057348645e-02 + w * -3.65315727442169155270e-02))));
	if (id < 0)
		return x - x * s;
	z = high[id] - ((x * s - low[id]) - x);
	return negative ? -z : z;
}

double java_atan2(double y, double x)
{
	static const double pi_lo = 1.2246467991473531772E-16;
	const int hx = hi(x), hy = hi(y), below = hy < 0, left = hx < 0, k = ((hy & 0x7fffffff) - (hx & 0x7fffffff)) >> 20;
	double z;
	if (isnan(x) || isnan(y))
		return NAN;
	if (x == 1.0)
		return java_atan(y);
	if (y == 0)
		return !left ? y : below ? -PI : PI;
	if (x == 0)
		return below ? -PI_HALF : PI_HALF;
	if (isinf(x)) {
		z = isinf(y) ? (left ? 3.0 * 7.8539816339744827900E-01 : 7.8539816339744827900E-01) : left ? PI : 0.0;
		return below ? -z : z;
	}
	if (isinf(y))
		return below ? -PI_HALF : PI_HALF;
	z = k > 60 ? PI_HALF + 0.5 * pi_lo : left && k < -60 ? 0.0 : java_atan(fabs(y / x));
	if (!left)
		return below ? -z : z;
	return below ? (z - pi_lo) - PI : PI - (z - pi_lo);
}
