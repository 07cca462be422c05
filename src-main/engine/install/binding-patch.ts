/**
 * Mends the binding's source. As published (tfjs-node 4.22.0, binding/tfjs_backend.cc) it lends V8's memory to TensorFlow: where an
 * array happens to be aligned, a tensor changes when the array it was made from does, and the array may be released on a
 * thread of TensorFlow's own. Mended, the values are copied.
 */
import { AppError } from '#shared/errors.ts';

/** Exact text → what takes its place; each must occur once. */
type Replacements = readonly (readonly [string, string])[];

const backendReplacements: Replacements = [
  [
    `  TF_AutoTensor tensor(TF_NewTensor(dtype, shape, shape_length, array_data,
                                    byte_size, DeallocTensor, auto_ref));
`,
    `  TF_AutoTensor tensor(
      TF_AllocateTensor(dtype, shape, shape_length, byte_size));
  if (tensor.tensor == nullptr) {
    NAPI_THROW_ERROR(env, "No memory for a tensor of %zu bytes", byte_size);
    return nullptr;
  }
  if (byte_size > 0) {
    memcpy(TF_TensorData(tensor.tensor), array_data, byte_size);
  }
`,
  ],
  [
    `  NapiAutoRef *auto_ref = new NapiAutoRef();
  nstatus = auto_ref->Init(env, array_value);
  if (nstatus != napi_ok) {
    delete auto_ref;
  }
  ENSURE_NAPI_OK_RETVAL(env, nstatus, nullptr);

  // Currently, int64-type Tensors are represented as Int32Arrays.
  // So the logic`,
    `  // Currently, int64-type Tensors are represented as Int32Arrays.
  // So the logic`,
  ],
  [
    `  // Sharing V8 memory with the underlying TensorFlow tensor requires adding an
  // additional refcount. When the Tensor is deleted, the refcount will be
  // reduced in the callback helper.
`,
    '',
  ],
  [
    `  if (TF_GetCode(tf_status.status) != TF_OK) {
    delete auto_ref;
    TFE_DeleteTensorHandle(tfe_tensor_handle);
`,
    `  if (TF_GetCode(tf_status.status) != TF_OK) {
    TFE_DeleteTensorHandle(tfe_tensor_handle);
`,
  ],
  [
    `// Callback to cleanup extra reference count for shared V8/TF tensor memory:
static void DeallocTensor(void *data, size_t len, void *arg) {
  NapiAutoRef *auto_ref = static_cast<NapiAutoRef *>(arg);
  if (!auto_ref) {
#if DEBUG
    fprintf(stderr, "Invalid NapiAutoRef reference passed to V8 cleanup\\n");
#endif
    return;
  }
  if (auto_ref->Cleanup() != napi_ok) {
#if DEBUG
    fprintf(stderr, "Exception cleaning up napi_ref instance\\n");
#endif
  }
  delete auto_ref;
}

`,
    '',
  ],
];

/** Opens the binding to resources/engine/fused.cc. */
const bindingReplacements: Replacements = [
  [
    `static napi_value InitTFNodeJSBinding(napi_env env, napi_value exports) {
`,
    `napi_value RunFused(napi_env env, napi_callback_info info);

static napi_value InitTFNodeJSBinding(napi_env env, napi_value exports) {
`,
  ],
  [
    `      {"createTensor", nullptr, CreateTensor,`,
    `      {"runFused", nullptr, RunFused, nullptr, nullptr, nullptr,
       napi_default, nullptr},
      {"createTensor", nullptr, CreateTensor,`,
  ],
];

const headerReplacements: Replacements = [
  [
    `class TFJSBackend {
 public:
`,
    `class TFJSBackend {
  friend struct Fused;

 public:
`,
  ],
];

/** Mended sources by their path in the package. @throws AppError 'not-verified' when one is not what the replacements are for */
export function patchSources(sources: ReadonlyMap<string, Buffer>): Map<string, Buffer> {
  const patched = new Map(sources);
  for (const [path, replacements] of Object.entries(patches))
    patched.set(path, Buffer.from(replace(sources.get(path)?.toString() ?? '', replacements)));
  return patched;
}

const patches: Record<string, Replacements> = {
  'binding/tfjs_backend.cc': backendReplacements,
  'binding/tfjs_backend.h': headerReplacements,
  'binding/tfjs_binding.cc': bindingReplacements,
};

function replace(source: string, replacements: Replacements): string {
  return replacements.reduce((text, [before, after]) => {
    const parts = text.split(before);
    if (parts.length !== 2)
      throw new AppError(
        'not-verified',
        'The source of the TensorFlow binding is not the one known here, so its memory fault cannot be mended. Install the engine with the Limbeck version that belongs to these archives.',
        { details: { found: parts.length - 1, expected: before.trim().slice(0, 80) } },
      );
    return parts.join(after);
  }, source);
}
