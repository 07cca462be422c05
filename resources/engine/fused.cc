// Kernels for TensorFlow's tensors on the processor, read and written in place: blocks of a network in one pass instead of a dozen
// operations (see src-main/models/fused.ts for the table), and plain operations on small tensors, where most of the time goes into
// preparing TensorFlow's own.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <map>
#include <string>
#include <vector>

#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "tensorflow/c/eager/c_api.h"
#include "tfjs_backend.h"
#include "utils.h"

// Exported by the library, declared in a header that the wheel lacks.
extern "C" void *TFE_TensorHandleDevicePointer(TFE_TensorHandle *handle, TF_Status *status);

// One copy of each function for every generation of processors; the right one is chosen when the library is opened.
#if defined(__x86_64__) && defined(__linux__) && defined(__GNUC__) && !defined(__clang__)
#define WIDE __attribute__((target_clones("arch=skylake-avx512", "arch=haswell", "default")))
#else
#define WIDE
#endif

namespace {

#ifdef __GLIBC__
// Every step frees and asks for the same large blocks: they are kept instead of being given back and cleared by the system each time.
__attribute__((constructor)) void KeepMemory() {
  mallopt(M_MMAP_THRESHOLD, 32 << 20);
  mallopt(M_TRIM_THRESHOLD, 1 << 30);
  mallopt(M_TOP_PAD, 64 << 20);
}
#endif

typedef const float *In;
typedef float *Out;

WIDE void LayerNormForward(int64_t rows, int64_t n, In x, In gain, In bias, float epsilon, Out y, Out normed, Out scale) {
  for (int64_t r = 0; r < rows; r++, x += n, y += n, normed += n) {
    float sum = 0, square = 0;
    for (int64_t i = 0; i < n; i++) sum += x[i];
    const float mean = sum / n;
    for (int64_t i = 0; i < n; i++) square += (x[i] - mean) * (x[i] - mean);
    const float s = 1.0f / std::sqrt(square / n + epsilon);
    scale[r] = s;
    for (int64_t i = 0; i < n; i++) {
      normed[i] = (x[i] - mean) * s;
      y[i] = normed[i] * gain[i] + bias[i];
    }
  }
}

WIDE void LayerNormBackward(int64_t rows, int64_t n, In dy, In normed, In scale, In gain, Out dx, Out dgain, Out dbias) {
  std::memset(dgain, 0, n * sizeof(float));
  std::memset(dbias, 0, n * sizeof(float));
  for (int64_t r = 0; r < rows; r++, dy += n, normed += n, dx += n) {
    float sum = 0, along = 0;
    for (int64_t i = 0; i < n; i++) {
      const float g = dy[i] * gain[i];
      sum += g;
      along += g * normed[i];
      dgain[i] += dy[i] * normed[i];
      dbias[i] += dy[i];
    }
    sum /= n;
    along /= n;
    for (int64_t i = 0; i < n; i++) dx[i] = (dy[i] * gain[i] - sum - normed[i] * along) * scale[r];
  }
}

// e^x by 2^n · e^r, |r| <= ln 2 / 2, with the polynomial of Cephes' expf.
static inline __attribute__((always_inline)) float Exponential(float x) {
  x = x < -87.3f ? -87.3f : x > 88.3f ? 88.3f : x;
  const float n = std::nearbyint(x * 1.44269504089f);
  const float r = x - n * 0.693359375f + n * 2.12194440e-4f;
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * r * r + r + 1.0f;
  const int32_t bits = (static_cast<int32_t>(n) + 127) << 23;
  float power;
  std::memcpy(&power, &bits, sizeof power);
  return p * power;
}

// erf x as Eigen's rational approximation, x · P(x²) / Q(x²); ±1 beyond ±4.
static inline __attribute__((always_inline)) float ErrorFunction(float x) {
  const float c = x < -4 ? -4 : x > 4 ? 4 : x, s = c * c;
  float p = -2.72614225801306e-10f;
  p = p * s + 2.77068142495902e-08f;
  p = p * s + -2.10102402082508e-06f;
  p = p * s + -5.69250639462346e-05f;
  p = p * s + -7.34990630326855e-04f;
  p = p * s + -2.95459980854025e-03f;
  p = p * s + -1.60960333262415e-02f;
  float q = -1.45660718464996e-05f;
  q = q * s + -2.13374055278905e-04f;
  q = q * s + -1.68282697438203e-03f;
  q = q * s + -7.37332916720468e-03f;
  q = q * s + -1.42647390514189e-02f;
  return c * p / q;
}

WIDE void GeluForward(int64_t n, In x, Out y, Out phi) {
  for (int64_t i = 0; i < n; i++) {
    phi[i] = 0.5f * (1 + ErrorFunction(x[i] * 0.70710678118655f));
    y[i] = x[i] * phi[i];
  }
}

WIDE void GeluBackward(int64_t n, In dy, In x, In phi, Out dx) {
  for (int64_t i = 0; i < n; i++)
    dx[i] = dy[i] * (phi[i] + x[i] * 0.3989422804014327f * Exponential(-0.5f * x[i] * x[i]));
}

WIDE void SoftmaxBackward(int64_t rows, int64_t n, In y, In dy, Out dx) {
  for (int64_t r = 0; r < rows; r++, y += n, dy += n, dx += n) {
    float along = 0;
    for (int64_t i = 0; i < n; i++) along += y[i] * dy[i];
    for (int64_t i = 0; i < n; i++) dx[i] = y[i] * (dy[i] - along);
  }
}

WIDE void AdamFlat(int64_t n, In values, In gradient, In first, In second, In rates, In decays, const double *options,
                   Out newValues, Out newFirst, Out newSecond) {
  const float b1 = options[0], b2 = options[1], epsilon = options[2], rate = options[3], step = options[4],
              correction = options[5], rest1 = 1 - options[0], rest2 = 1 - options[1];
  for (int64_t i = 0; i < n; i++) {
    const float m = first[i] * b1 + gradient[i] * rest1, v = second[i] * b2 + gradient[i] * gradient[i] * rest2;
    newFirst[i] = m;
    newSecond[i] = v;
    newValues[i] = values[i] - values[i] * (decays[i] * rate) - m * (rates[i] * step) / (std::sqrt(v) * correction + epsilon);
  }
}

// 1 above zero, alpha times one below; of NaN, NaN.
WIDE void Step(int64_t n, In x, float alpha, Out y) {
  for (int64_t i = 0; i < n; i++) y[i] = x[i] > 0 ? 1.0f : x[i] <= 0 ? alpha : x[i];
}

// Over each row, with its largest value subtracted.
WIDE void Softmax(int64_t rows, int64_t n, In x, Out y) {
  for (int64_t r = 0; r < rows; r++, x += n, y += n) {
    float top = x[0], sum = 0;
    for (int64_t i = 1; i < n; i++) top = x[i] > top ? x[i] : top;
    for (int64_t i = 0; i < n; i++) sum += y[i] = Exponential(x[i] - top);
    const float share = 1.0f / sum;
    for (int64_t i = 0; i < n; i++) y[i] *= share;
  }
}

// factor · the sum over the middle of [outer, middle, inner]. About 64 rows at a time are summed apart, which keeps more digits; narrow
// rows are taken several at once as one wide one.
WIDE void Sum(int64_t outer, int64_t middle, int64_t inner, In x, float factor, Out y) {
  const int64_t together = inner < 32 ? std::max<int64_t>(1, std::min<int64_t>(middle, 64 / inner)) : 1, wide = inner * together;
  std::vector<float> part(wide);
  Out sums = part.data();
  for (int64_t o = 0; o < outer; o++, y += inner) {
    if (inner == 1) {
      float sum = 0;
      for (int64_t m = 0; m < middle; m++) sum += x[m];
      *y = sum * factor;
      x += middle;
      continue;
    }
    std::fill(y, y + inner, 0.0f);
    for (int64_t left = middle; left > 0;) {
      const int64_t rows = std::min<int64_t>(left / together, 64);
      const int64_t count = rows > 0 ? wide : inner * left;
      std::fill(sums, sums + wide, 0.0f);
      for (int64_t m = 0; m < std::max<int64_t>(rows, 1); m++, x += count)
        for (int64_t i = 0; i < count; i++) sums[i] += x[i];
      for (int64_t from = 0; from < count; from += inner)
        for (int64_t i = 0; i < inner; i++) y[i] += sums[from + i];
      left -= rows > 0 ? rows * together : left;
    }
    for (int64_t i = 0; i < inner; i++) y[i] *= factor;
  }
}

// Steps from row to row and from column to column: (n, 1) all values, (0, 1) one row for all, (1, 0) one value a row, (0, 0) one for all.
struct Steps {
  int64_t row, column;
};

#define EACH(term)                                                        \
  for (int64_t r = 0; r < rows; r++, a += stepA.row, b += stepB.row, y += n) { \
    if (stepA.column && stepB.column)                                     \
      for (int64_t i = 0; i < n; i++) { const float p = a[i], q = b[i]; y[i] = term; } \
    else if (stepA.column) {                                              \
      const float q = *b;                                                 \
      for (int64_t i = 0; i < n; i++) { const float p = a[i]; y[i] = term; } \
    } else if (stepB.column) {                                            \
      const float p = *a;                                                 \
      for (int64_t i = 0; i < n; i++) { const float q = b[i]; y[i] = term; } \
    } else {                                                              \
      const float p = *a, q = *b;                                         \
      for (int64_t i = 0; i < n; i++) y[i] = term;                        \
    }                                                                     \
  }

WIDE void Add(int64_t rows, int64_t n, In a, Steps stepA, In b, Steps stepB, Out y) { EACH(p + q) }
WIDE void Subtract(int64_t rows, int64_t n, In a, Steps stepA, In b, Steps stepB, Out y) { EACH(p - q) }
WIDE void Multiply(int64_t rows, int64_t n, In a, Steps stepA, In b, Steps stepB, Out y) { EACH(p * q) }
WIDE void Divide(int64_t rows, int64_t n, In a, Steps stepA, In b, Steps stepB, Out y) { EACH(p / q) }

// A block of any rank from one tensor into another; `steps` of both by axis, in floats.
struct Axis {
  int64_t size, to, from;
};

void CopyBlock(const std::vector<Axis> &axes, size_t depth, In from, Out to) {
  if (depth == axes.size()) {
    *to = *from;
    return;
  }
  const Axis &axis = axes[depth];
  if (depth + 1 == axes.size()) {
    if (axis.to == 1 && axis.from == 1 && axis.size > 8) std::memcpy(to, from, axis.size * sizeof(float));
    else
      for (int64_t i = 0; i < axis.size; i++) to[i * axis.to] = from[i * axis.from];
    return;
  }
  for (int64_t i = 0; i < axis.size; i++) CopyBlock(axes, depth + 1, from + i * axis.from, to + i * axis.to);
}

// Without axes of one place, neighbours joined where both lie without gap.
std::vector<Axis> Joined(const std::vector<Axis> &axes) {
  std::vector<Axis> joined;
  for (const Axis &axis : axes) {
    if (axis.size == 1) continue;
    if (!joined.empty() && joined.back().to == axis.to * axis.size && joined.back().from == axis.from * axis.size)
      joined.back() = {joined.back().size * axis.size, axis.to, axis.from};
    else
      joined.push_back(axis);
  }
  return joined;
}

}  // namespace

namespace tfnodejs {

// The inside of the backend, as its friend.
struct Fused {
  napi_env env;
  TFJSBackend *backend;
  std::vector<TFE_TensorHandle *> inputs;
  std::vector<double> numbers;
  std::vector<TFE_TensorHandle *> outputs;
  bool failed = false;

  void Fail(const char *message) {
    if (!failed) napi_throw_error(env, nullptr, message);
    failed = true;
  }

  std::vector<int64_t> Shape(size_t input) {
    TF_AutoStatus status;
    const int rank = TFE_TensorHandleNumDims(inputs[input], status.status);
    std::vector<int64_t> shape(rank);
    for (int i = 0; i < rank; i++) shape[i] = TFE_TensorHandleDim(inputs[input], i, status.status);
    return shape;
  }

  static int64_t Product(const std::vector<int64_t> &shape) {
    int64_t size = 1;
    for (int64_t side : shape) size *= side;
    return size;
  }

  int64_t Size(size_t input) { return Product(Shape(input)); }

  int64_t Width(size_t input) {
    const std::vector<int64_t> shape = Shape(input);
    return shape.empty() ? 1 : shape.back();
  }

  float *Data(TFE_TensorHandle *handle) {
    TF_AutoStatus status;
    void *data = TFE_TensorHandleDevicePointer(handle, status.status);
    if (TF_GetCode(status.status) != TF_OK || TFE_TensorHandleDataType(handle) != TF_FLOAT) {
      Fail("a kernel got a tensor that is no float32 tensor in memory");
      return nullptr;
    }
    return static_cast<float *>(data);
  }

  // Of at least so many values: what JavaScript gives is not believed.
  const float *Input(size_t index, int64_t size) {
    if (index >= inputs.size() || Size(index) < size) return Fail("a kernel got a tensor that is too small"), nullptr;
    return Data(inputs[index]);
  }

  int64_t Number(size_t index) {
    if (index < numbers.size()) return static_cast<int64_t>(numbers[index]);
    return Fail("a kernel got too few numbers"), 0;
  }

  std::vector<int64_t> NumbersFrom(size_t index) {
    std::vector<int64_t> rest;
    for (size_t i = index; i < numbers.size(); i++) rest.push_back(Number(i));
    return rest;
  }

  void Keep(TF_Tensor *tensor) {
    TF_AutoStatus status;
    TFE_TensorHandle *handle = tensor ? TFE_NewTensorHandle(tensor, status.status) : nullptr;
    if (tensor) TF_DeleteTensor(tensor);
    if (handle) outputs.push_back(handle);
    else Fail("no memory is left for a tensor");
  }

  float *Output(const std::vector<int64_t> &shape) {
    if (failed) return nullptr;
    Keep(TF_AllocateTensor(TF_FLOAT, shape.data(), shape.size(), Product(shape) * sizeof(float)));
    return failed ? nullptr : Data(outputs.back());
  }

  // The same memory under another shape; null after Fail.
  TFE_TensorHandle *View(TFE_TensorHandle *handle, const std::vector<int64_t> &shape) {
    TF_AutoStatus status;
    TF_Tensor *from = TFE_TensorHandleResolve(handle, status.status);
    if (!from) return Fail(TF_Message(status.status)), nullptr;
    const TF_DataType type = TF_TensorType(from);
    TF_Tensor *to = TF_AllocateTensor(type, nullptr, 0, TF_DataTypeSize(type));
    TF_TensorBitcastFrom(from, type, to, shape.data(), shape.size(), status.status);
    TFE_TensorHandle *view = nullptr;
    if (TF_GetCode(status.status) == TF_OK) view = TFE_NewTensorHandle(to, status.status);
    TF_DeleteTensor(from);
    TF_DeleteTensor(to);
    if (!view) Fail(TF_Message(status.status));
    return view;
  }

  void Reshape() {
    TFE_TensorHandle *view = View(inputs[0], std::vector<int64_t>(numbers.begin(), numbers.end()));
    if (view) outputs.push_back(view);
  }

  // Numbers: rank and shape of the result, whether it is filled first and with what, then for each input where in the result and in
  // the input its block begins, its rank, and of each axis the size and the steps in result and input.
  void Move() {
    size_t at = 0;
    auto next = [this, &at] { return Number(at++); };
    std::vector<int64_t> shape(std::max<int64_t>(0, next()));
    for (int64_t &side : shape) side = next();
    const bool filled = next() != 0;
    const float filler = at < numbers.size() ? numbers[at] : 0;
    at++;
    float *to = Output(shape);
    if (failed) return;
    const int64_t size = Product(shape);
    if (filled) std::fill(to, to + size, filler);
    for (size_t i = 0; i < inputs.size(); i++) {
      const int64_t toStart = next(), fromStart = next();
      std::vector<Axis> axes(std::max<int64_t>(0, next()));
      int64_t toEnd = toStart + 1, fromEnd = fromStart + 1;
      for (Axis &axis : axes) {
        const int64_t count = next(), toStep = next(), fromStep = next();
        axis = {count, toStep, fromStep};
        if (count < 1 || toStep < 0 || fromStep < 0) return Fail("a block has no such axis");
        toEnd += (count - 1) * toStep;
        fromEnd += (count - 1) * fromStep;
      }
      const float *from = Input(i, fromEnd);
      if (toStart < 0 || fromStart < 0 || toEnd > size) return Fail("a block does not fit");
      if (failed) return;
      CopyBlock(Joined(axes), 0, from + fromStart, to + toStart);
    }
  }

  // Numbers: rows, columns, steps of both operands, then the shape of the result.
  template <typename Operation>
  void Binary(Operation operation) {
    const int64_t rows = Number(0), n = Number(1);
    const Steps a = {Number(2), Number(3)}, b = {Number(4), Number(5)};
    auto last = [rows, n](const Steps &steps) { return (rows - 1) * steps.row + (n - 1) * steps.column + 1; };
    const float *left = Input(0, last(a)), *right = Input(1, last(b));
    const std::vector<int64_t> shape = NumbersFrom(6);
    if (!failed && Product(shape) != rows * n) return Fail("a result has another size");
    float *y = failed ? nullptr : Output(shape);
    if (failed) return;
    // A short row for all is laid end to end, so that there are fewer and longer ones.
    const bool repeatsA = a.row == 0 && a.column == 1, repeatsB = b.row == 0 && b.column == 1;
    const int64_t together = n < 32 && repeatsA != repeatsB ? std::min<int64_t>(rows, 128 / n) : 1, wide = n * together;
    if (together == 1) return operation(rows, n, left, a, right, b, y);
    std::vector<float> repeated(wide);
    for (int64_t i = 0; i < wide; i++) repeated[i] = (repeatsA ? left : right)[i % n];
    const int64_t whole = rows / together, done = whole * wide, rest = rows * n - done;
    const Steps once = {0, 1}, each = {wide, 1};
    if (repeatsA) {
      operation(whole, wide, repeated.data(), once, right, each, y);
      operation(1, rest, repeated.data(), once, right + done, each, y + done);
    } else {
      operation(whole, wide, left, each, repeated.data(), once, y);
      operation(1, rest, left + done, each, repeated.data(), once, y + done);
    }
  }

  // Numbers: outer, middle and inner size, the factor, then the shape of the result.
  void Reduce() {
    const int64_t outer = Number(0), middle = Number(1), inner = Number(2);
    const float *x = Input(0, outer * middle * inner);
    const std::vector<int64_t> shape = NumbersFrom(4);
    if (!failed && Product(shape) != outer * inner) return Fail("a result has another size");
    float *y = failed ? nullptr : Output(shape);
    if (!failed) Sum(outer, middle, inner, x, numbers[3], y);
  }

  void Compute(const std::string &name) {
    if (inputs.empty()) return Fail("a kernel takes tensors");
    if (name == "Reshape") return Reshape();
    if (name == "Move") return Move();
    if (name == "Add") return Binary(Add);
    if (name == "Sub") return Binary(Subtract);
    if (name == "Multiply") return Binary(Multiply);
    if (name == "RealDiv") return Binary(Divide);
    if (name == "Sum") return Reduce();
    const std::vector<int64_t> shape = Shape(0);
    const int64_t size = Size(0), n = Width(0), rows = n ? size / n : 0;
    const float *x = Input(0, 1);
    if (failed) return;
    if (name == "LayerNormForward") {
      const float *gain = Input(1, n), *bias = Input(2, n), epsilon = numbers.empty() ? 0 : numbers[0];
      float *y = Output(shape), *normed = Output(shape), *scale = Output({rows, 1});
      if (!failed) LayerNormForward(rows, n, x, gain, bias, epsilon, y, normed, scale);
    } else if (name == "LayerNormBackward") {
      const float *normed = Input(1, size), *scale = Input(2, rows), *gain = Input(3, n);
      float *dx = Output(shape), *dgain = Output({n}), *dbias = Output({n});
      if (!failed) LayerNormBackward(rows, n, x, normed, scale, gain, dx, dgain, dbias);
    } else if (name == "GeluForward") {
      float *y = Output(shape), *phi = Output(shape);
      if (!failed) GeluForward(size, x, y, phi);
    } else if (name == "GeluBackward") {
      const float *value = Input(1, size), *phi = Input(2, size);
      float *dx = Output(shape);
      if (!failed) GeluBackward(size, x, value, phi, dx);
    } else if (name == "SoftmaxBackward") {
      const float *dy = Input(1, size);
      float *dx = Output(shape);
      if (!failed) SoftmaxBackward(rows, n, x, dy, dx);
    } else if (name == "AdamFlat") {
      const float *in[] = {Input(1, size), Input(2, size), Input(3, size), Input(4, size), Input(5, size)};
      Number(5);
      float *values = Output(shape), *first = Output(shape), *second = Output(shape);
      if (!failed) AdamFlat(size, x, in[0], in[1], in[2], in[3], in[4], numbers.data(), values, first, second);
    } else if (name == "Softmax") {
      float *y = Output(shape);
      if (!failed) Softmax(rows, n, x, y);
    } else if (name == "Step") {
      const float alpha = numbers.empty() ? 0 : numbers[0];
      float *y = Output(shape);
      if (!failed) Step(size, x, alpha, y);
    } else {
      Fail("there is no kernel of this name");
    }
  }

  template <typename T, typename Read>
  bool ReadArray(napi_value array, Read read, const char *message) {
    uint32_t length = 0;
    if (napi_get_array_length(env, array, &length) != napi_ok) return Fail(message), false;
    for (uint32_t i = 0; i < length; i++) {
      napi_value item;
      T value;
      if (napi_get_element(env, array, i, &item) != napi_ok || !read(item, &value)) return Fail(message), false;
    }
    return true;
  }

  napi_value Run(napi_value name_value, napi_value ids, napi_value number_values) {
    char name[64];
    if (napi_get_value_string_latin1(env, name_value, name, sizeof name, nullptr) != napi_ok)
      return Fail("a kernel has a name"), nullptr;
    auto readId = [this](napi_value item, int32_t *id) {
      if (napi_get_value_int32(env, item, id) != napi_ok) return false;
      const auto found = backend->tfe_handle_map_.find(*id);
      if (found == backend->tfe_handle_map_.end()) return false;
      inputs.push_back(found->second);
      return true;
    };
    auto readNumber = [this](napi_value item, double *number) {
      if (napi_get_value_double(env, item, number) != napi_ok) return false;
      numbers.push_back(*number);
      return true;
    };
    if (!ReadArray<int32_t>(ids, readId, "a kernel takes tensors that are there")) return nullptr;
    if (!ReadArray<double>(number_values, readNumber, "a kernel takes numbers")) return nullptr;
    Compute(name);
    napi_value result = nullptr;
    if (!failed) napi_create_array_with_length(env, outputs.size(), &result);
    for (size_t i = 0; i < outputs.size(); i++) {
      if (failed) TFE_DeleteTensorHandle(outputs[i]);
      else napi_set_element(env, result, i, backend->GenerateOutputTensorInfo(env, outputs[i]));
    }
    return result;
  }
};

// runFused(name, ids of tensors, numbers) → [{id, dtype, shape}]
napi_value RunFused(napi_env env, napi_callback_info info) {
  size_t count = 3;
  napi_value words[3];
  TFJSBackend *backend = nullptr;
  if (napi_get_cb_info(env, info, &count, words, nullptr, nullptr) != napi_ok || count != 3 ||
      napi_get_instance_data(env, reinterpret_cast<void **>(&backend)) != napi_ok || !backend)
    return napi_throw_error(env, nullptr, "runFused takes a name, tensors and numbers"), nullptr;
  Fused fused{env, backend};
  return fused.Run(words[0], words[1], words[2]);
}

}  // namespace tfnodejs
