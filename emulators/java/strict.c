/* The algorithms of fdlibm 5.3 (Sun Microsystems, 1993), whose answers Java's StrictMath is bound to: the same reductions, the same
 * polynomials, the same order of operations. */
#include "java/strict.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

/* ---- halves of a double ---- */

static int32_t hi(double x)
{
	uint64_t u;
	memcpy(&u, &x, sizeof(u));
	return (int32_t)(u >> 32);
}

static uint32_t lo(double x)
{
	uint64_t u;
	memcpy(&u, &x, sizeof(u));
	return (uint32_t)u;
}

static double of(uint32_t high, uint32_t low)
{
	uint64_t u = (uint64_t)high << 32 | low;
	double x;
	memcpy(&x, &u, sizeof(x));
	return x;
}

static double with_hi(double x, int32_t high)
{
	return of((uint32_t)high, lo(x));
}

static double cut(double x) /* without its lower half */
{
	return of((uint32_t)hi(x), 0);
}

static double scaled(double x, int k) /* x * 2^k where nothing is lost */
{
	return with_hi(x, (int32_t)((uint32_t)hi(x) + ((uint32_t)k << 20)));
}

static const double LN2_HI = 6.93147180369123816490e-01, LN2_LO = 1.90821492927058770002e-10, INV_LN2 = 1.44269504088896338700e+00;
static const double TWO54 = 1.80143985094819840000e+16;

/* ---- exp ---- */

static double exp_poly(double t)
{
	return t * (1.66666666666666019037e-01 +
		    t * (-2.77777777770155933842e-03 +
			 t * (6.61375632143793436117e-05 + t * (-1.65339022054652515390e-06 + t * 4.13813679705723846039e-08))));
}

double java_exp(double x)
{
	const int negative = (uint32_t)hi(x) >> 31;
	const int32_t h = hi(x) & 0x7fffffff;
	double high = 0, low = 0, c, y;
	int k = 0;
	if (h >= 0x40862e42) {
		if (isnan(x))
			return x;
		if (x > 7.09782712893383973096e+02)
			return HUGE_VAL;
		if (x < -7.45133219101941108420e+02)
			return 0;
	}
	if (h > 0x3fd62e42) {
		if (h < 0x3ff0a2b2) {
			high = negative ? x + LN2_HI : x - LN2_HI;
			low = negative ? -LN2_LO : LN2_LO;
			k = negative ? -1 : 1;
		} else {
			k = (int)(INV_LN2 * x + (negative ? -0.5 : 0.5));
			high = x - k * LN2_HI;
			low = k * LN2_LO;
		}
		x = high - low;
	} else if (h < 0x3e300000) {
		return 1 + x;
	}
	c = x - exp_poly(x * x);
	if (k == 0)
		return 1 - ((x * c) / (c - 2.0) - x);
	y = 1 - ((low - (x * c) / (2.0 - c)) - high);
	if (k >= -1021)
		return k == 1024 ? y * 2.0 * 0x1p1023 : scaled(y, k);
	return scaled(y, k + 1000) * 0x1p-1000;
}

double java_expm1(double x)
{
	const int negative = (uint32_t)hi(x) >> 31;
	const int32_t h = hi(x) & 0x7fffffff;
	double high, low, c = 0, half, xs, r, t, e, y;
	int k = 0;
	if (h >= 0x4043687a) {
		if (isnan(x))
			return x;
		if (x > 7.09782712893383973096e+02)
			return HUGE_VAL;
		if (negative)
			return -1.0;
	}
	if (h > 0x3fd62e42) {
		if (h < 0x3ff0a2b2) {
			high = negative ? x + LN2_HI : x - LN2_HI;
			low = negative ? -LN2_LO : LN2_LO;
			k = negative ? -1 : 1;
		} else {
			k = (int)(INV_LN2 * x + (negative ? -0.5 : 0.5));
			high = x - k * LN2_HI;
			low = k * LN2_LO;
		}
		x = high - low;
		c = (high - x) - low;
	} else if (h < 0x3c900000) {
		return x;
	}
	half = 0.5 * x;
	xs = x * half;
	r = 1 + xs * (-3.33333333333331316428e-02 +
		      xs * (1.58730158725481460165e-03 +
			    xs * (-7.93650757867487942473e-05 + xs * (4.00821782732936239552e-06 + xs * -2.01099218183624371326e-07))));
	t = 3.0 - r * half;
	e = xs * ((r - t) / (6.0 - x * t));
	if (k == 0)
		return x - (x * e - xs);
	e = (x * (e - c) - c) - xs;
	if (k == -1)
		return 0.5 * (x - e) - 0.5;
	if (k == 1)
		return x < -0.25 ? -2.0 * (e - (x + 0.5)) : 1 + 2.0 * (x - e);
	if (k <= -2 || k > 56) {
		y = 1 - (e - x);
		return (k == 1024 ? y * 2.0 * 0x1p1023 : scaled(y, k)) - 1;
	}
	if (k < 20)
		y = of((uint32_t)(0x3ff00000 - (0x200000 >> k)), 0) - (e - x);
	else
		y = (x - (e + of((uint32_t)(0x3ff - k) << 20, 0))) + 1;
	return scaled(y, k);
}

/* ---- log ---- */

double java_log(double x)
{
	int32_t h = hi(x), i, j;
	double f, dk, s, z, w, r, half;
	int k = 0;
	if (h < 0x00100000) {
		if (((uint32_t)(h & 0x7fffffff) | lo(x)) == 0)
			return -HUGE_VAL;
		if (h < 0)
			return NAN;
		k = -54;
		x *= TWO54;
		h = hi(x);
	}
	if (h >= 0x7ff00000)
		return x + x;
	k += (h >> 20) - 1023;
	h &= 0x000fffff;
	i = (h + 0x95f64) & 0x100000;
	x = with_hi(x, h | (i ^ 0x3ff00000));
	k += i >> 20;
	f = x - 1.0;
	dk = k;
	if ((0x000fffff & (2 + h)) < 3) {
		if (f == 0)
			return k == 0 ? 0 : dk * LN2_HI + dk * LN2_LO;
		r = f * f * (0.5 - 0.33333333333333333 * f);
		return k == 0 ? f - r : dk * LN2_HI - ((r - dk * LN2_LO) - f);
	}
	s = f / (2.0 + f);
	z = s * s;
	w = z * z;
	i = h - 0x6147a;
	j = 0x6b851 - h;
	r = z * (6.666666666666735130e-01 +
		 w * (2.857142874366239149e-01 + w * (1.818357216161805012e-01 + w * 1.479819860511658591e-01))) +
	    w * (3.999999999940941908e-01 + w * (2.222219843214978396e-01 + w * 1.531383769920937332e-01));
	if ((i | j) > 0) {
		half = 0.5 * f * f;
		return k == 0 ? f - (half - s * (half + r)) : dk * LN2_HI - ((half - (s * (half + r) + dk * LN2_LO)) - f);
	}
	return k == 0 ? f - s * (f - r) : dk * LN2_HI - ((s * (f - r) - dk * LN2_LO) - f);
}

double java_log10(double x)
{
	int32_t h = hi(x);
	double y, z;
	int k = 0, i;
	if (h < 0x00100000) {
		if (((uint32_t)(h & 0x7fffffff) | lo(x)) == 0)
			return -HUGE_VAL;
		if (h < 0)
			return NAN;
		k = -54;
		x *= TWO54;
		h = hi(x);
	}
	if (h >= 0x7ff00000)
		return x + x;
	k += (h >> 20) - 1023;
	i = k < 0;
	y = k + i;
	x = with_hi(x, (h & 0x000fffff) | (0x3ff - i) << 20);
	z = y * 3.69423907715893078616e-13 + 4.34294481903251816668e-01 * java_log(x);
	return z + y * 3.01029995663611771306e-01;
}

double java_log1p(double x)
{
	const int32_t h = hi(x), a = h & 0x7fffffff;
	double f = 0, c = 0, u, half, s, z, r;
	int32_t hu = 1;
	int k = 1;
	if (h < 0x3fda827a) {
		if (a >= 0x3ff00000)
			return x == -1.0 ? -HUGE_VAL : NAN;
		if (a < 0x3e200000)
			return a < 0x3c900000 ? x : x - x * x * 0.5;
		if (h > 0 || h <= (int32_t)0xbfd2bec3) {
			k = 0;
			f = x;
		}
	}
	if (h >= 0x7ff00000)
		return x + x;
	if (k != 0) {
		u = h < 0x43400000 ? 1.0 + x : x;
		hu = hi(u);
		k = (hu >> 20) - 1023;
		if (h < 0x43400000)
			c = (k > 0 ? 1.0 - (u - x) : x - (u - 1.0)) / u;
		hu &= 0x000fffff;
		if (hu < 0x6a09e) {
			u = with_hi(u, hu | 0x3ff00000);
		} else {
			k++;
			u = with_hi(u, hu | 0x3fe00000);
			hu = (0x00100000 - hu) >> 2;
		}
		f = u - 1.0;
	}
	half = 0.5 * f * f;
	if (hu == 0) {
		if (f == 0)
			return k == 0 ? 0 : k * LN2_HI + (c + k * LN2_LO);
		r = half * (1.0 - 0.66666666666666666 * f);
		return k == 0 ? f - r : k * LN2_HI - ((r - (k * LN2_LO + c)) - f);
	}
	s = f / (2.0 + f);
	z = s * s;
	r = z * (6.666666666666735130e-01 +
		 z * (3.999999999940941908e-01 +
		      z * (2.857142874366239149e-01 +
			   z * (2.222219843214978396e-01 +
				z * (1.818357216161805012e-01 + z * (1.531383769920937332e-01 + z * 1.479819860511658591e-01))))));
	return k == 0 ? f - (half - s * (half + r)) : k * LN2_HI - ((half - (s * (half + r) + (k * LN2_LO + c))) - f);
}

/* ---- powers and roots ---- */

double java_cbrt(double x)
{
	const uint32_t sign = (uint32_t)hi(x) & 0x80000000;
	const int32_t h = hi(x) & 0x7fffffff;
	double t, r, s;
	if (h >= 0x7ff00000)
		return x + x;
	if (((uint32_t)h | lo(x)) == 0)
		return x;
	x = fabs(x);
	if (h < 0x00100000) {
		t = of(0x43500000, 0) * x;
		t = with_hi(t, hi(t) / 3 + 696219795);
	} else {
		t = of((uint32_t)(h / 3 + 715094163), 0);
	}
	r = t * t / x;
	s = 5.42857142857142815906e-01 + r * t;
	t *= 3.57142857142857150787e-01 + 1.60714285714285720630e+00 / (s + 1.41428571428571436819e+00 + -7.05306122448979611050e-01 / s);
	t = of((uint32_t)hi(t) + 1, 0);
	s = t * t;
	r = x / s;
	r = (r - t) / (t + t + r);
	t = t + t * r;
	return of((uint32_t)hi(t) | sign, lo(t));
}

double java_hypot(double x, double y)
{
	double a = fabs(x), b = fabs(y), w, t, rest, y1;
	int32_t ha, hb;
	int k = 0;
	if (isinf(x) || isinf(y))
		return HUGE_VAL;
	if (isnan(x) || isnan(y))
		return NAN;
	if (a < b) {
		w = a;
		a = b;
		b = w;
	}
	ha = hi(a);
	hb = hi(b);
	if (ha - hb > 0x3c00000)
		return a + b;
	if (ha > 0x5f300000) {
		a = with_hi(a, ha -= 0x25800000);
		b = with_hi(b, hb -= 0x25800000);
		k = 600;
	}
	if (hb < 0x20b00000) {
		if (hb < 0x00100000) {
			if (b == 0)
				return a;
			b *= 0x1p1022;
			a *= 0x1p1022;
			k -= 1022;
			ha = hi(a);
			hb = hi(b);
		} else {
			a = with_hi(a, ha += 0x25800000);
			b = with_hi(b, hb += 0x25800000);
			k -= 600;
		}
	}
	w = a - b;
	if (w > b) {
		t = of((uint32_t)ha, 0);
		rest = a - t;
		w = sqrt(t * t - (b * -b - rest * (a + t)));
	} else {
		a = a + a;
		y1 = of((uint32_t)hb, 0);
		t = of((uint32_t)(ha + 0x00100000), 0);
		w = sqrt(t * y1 - (w * -w - (t * (b - y1) + (a - t) * b)));
	}
	return k ? ldexp(1.0, k) * w : w;
}

/* 0: no whole number; 1: odd; 2: even. */
static int whole(double y)
{
	double a = fabs(y);
	if (a >= 0x1p53)
		return 2;
	return a != floor(a) ? 0 : fmod(a, 2) == 1 ? 1 : 2;
}

/* log2 of a finite, positive ax, in two parts. */
static void log2_of(double ax, double *t1, double *t2)
{
	static const double base[] = { 1.0, 1.5 }, dp_h[] = { 0.0, 5.84962487220764160156e-01 }, dp_l[] = { 0.0, 1.35003920212974897128e-08 };
	double u, v, ss, s_h, s_l, s2, t_h, t_l, r, p_h, p_l, z_h, z_l;
	int32_t h = hi(ax), j;
	int n = 0, k = 0;
	if (h < 0x00100000) {
		ax *= 0x1p53;
		n = -53;
		h = hi(ax);
	}
	n += (h >> 20) - 0x3ff;
	j = h & 0x000fffff;
	h = j | 0x3ff00000;
	if (j >= 0xbb67a) {
		n++;
		h -= 0x00100000;
	} else if (j > 0x3988e) {
		k = 1;
	}
	ax = with_hi(ax, h);
	u = ax - base[k];
	v = 1 / (ax + base[k]);
	ss = u * v;
	s_h = cut(ss);
	t_h = of((uint32_t)(((h >> 1) | 0x20000000) + 0x00080000 + (k << 18)), 0);
	t_l = ax - (t_h - base[k]);
	s_l = v * ((u - s_h * t_h) - s_h * t_l);
	s2 = ss * ss;
	r = s2 * s2 *
	    (5.99999999999994648725e-01 +
	     s2 * (4.28571428578550184252e-01 +
		   s2 * (3.33333329818377432918e-01 +
			 s2 * (2.72728123808534006489e-01 + s2 * (2.30660745775561754067e-01 + s2 * 2.06975017800338417784e-01)))));
	r += s_l * (s_h + ss);
	s2 = s_h * s_h;
	t_h = cut(3.0 + s2 + r);
	t_l = r - ((t_h - 3.0) - s2);
	u = s_h * t_h;
	v = s_l * t_h + t_l * ss;
	p_h = cut(u + v);
	p_l = v - (p_h - u);
	z_h = 9.61796700954437255859e-01 * p_h;
	z_l = -7.02846165095275826516e-09 * p_h + p_l * 9.61796693925975554329e-01 + dp_l[k];
	*t1 = cut(((z_h + z_l) + dp_h[k]) + n);
	*t2 = z_l - (((*t1 - n) - dp_h[k]) - z_h);
}

/* 2^(p_h + p_l), z being their sum. */
static double two_to(double p_h, double p_l, double z)
{
	int32_t j = hi(z), i = j & 0x7fffffff, n = 0;
	double t, u, v, w, t1, r;
	if (i > 0x3fe00000) {
		int k = (i >> 20) - 0x3ff;
		n = j + (0x00100000 >> (k + 1));
		k = ((n & 0x7fffffff) >> 20) - 0x3ff;
		t = of((uint32_t)(n & ~(0x000fffff >> k)), 0);
		n = ((n & 0x000fffff) | 0x00100000) >> (20 - k);
		n = j < 0 ? -n : n;
		p_h -= t;
	}
	t = cut(p_l + p_h);
	u = t * 6.93147182464599609375e-01;
	v = (p_l - (t - p_h)) * 6.93147180559945286227e-01 + t * -1.90465429995776804525e-09;
	z = u + v;
	w = v - (z - u);
	t1 = z - exp_poly(z * z);
	r = (z * t1) / (t1 - 2.0) - (w + z * w);
	z = 1 - (r - z);
	j = (int32_t)((uint32_t)hi(z) + ((uint32_t)n << 20));
	return j >> 20 <= 0 ? ldexp(z, n) : with_hi(z, j);
}

double java_pow(double x, double y)
{
	const double ax = fabs(x);
	const int int_y = whole(y);
	double s, t, w, u, v, t1, t2, y1, p_l, p_h, z;
	if (y == 0)
		return 1;
	if (isnan(x) || isnan(y))
		return NAN;
	if (isinf(y))
		return ax == 1 ? NAN : (ax > 1) == (y > 0) ? HUGE_VAL : 0;
	if (y == 1 || y == -1)
		return y == 1 ? x : 1 / x;
	if (y == 2)
		return x * x;
	if (y == 0.5 && x >= 0)
		return sqrt(x);
	s = signbit(x) && int_y == 1 ? -1 : 1;
	if (ax == 0 || isinf(x))
		return s * ((ax == 0) == (y > 0) ? 0 : HUGE_VAL);
	if (x < 0 && int_y == 0)
		return NAN;
	if (ax == 1)
		return s;
	if (fabs(y) > 0x1.00000ffffffffp31) {
		if (ax < of(0x3fefffff, 0) || ax >= of(0x3ff00001, 0) || fabs(y) > 0x1.00000ffffffffp64)
			return (ax > 1) == (y > 0) ? s * HUGE_VAL : s * 0.0;
		t = ax - 1;
		w = t * t * (0.5 - t * (0.3333333333333333333333 - t * 0.25));
		u = 1.44269502162933349609e+00 * t;
		v = t * 1.92596299112661746887e-08 - w * INV_LN2;
		t1 = cut(u + v);
		t2 = v - (t1 - u);
	} else {
		log2_of(ax, &t1, &t2);
	}
	y1 = cut(y);
	p_l = (y - y1) * t1 + y * t2;
	p_h = y1 * t1;
	z = p_l + p_h;
	if (z >= 1024 && (z > 1024 || p_l + 8.0085662595372944372e-17 > z - p_h))
		return s * HUGE_VAL;
	if (z <= -1075 && (z < -1075 || p_l <= z - p_h))
		return s * 0.0;
	return s * two_to(p_h, p_l, z);
}
