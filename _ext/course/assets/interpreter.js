// Runs networks that `helpers/live.py` has written down. Needs nothing but JavaScript, so that Node can check it too.
globalThis.live ??= {};
(() => {
  const count = (shape) => shape.reduce((product, n) => product * n, 1);
  const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

  // A tensor { shape, data } from its packed form. `int8` has one scale for each row.
  live.unpack = ({ shape, float32, uint8, int8, scales }) => {
    if (float32) return { shape, data: new Float32Array(bytes(float32).buffer) };
    if (uint8) return { shape, data: bytes(uint8) };
    const [steps, whole] = [new Float32Array(bytes(scales).buffer), new Int8Array(bytes(int8).buffer)];
    const columns = whole.length / steps.length;
    return { shape, data: Float32Array.from(whole, (n, i) => n * steps[Math.floor(i / columns)]) };
  };

  // For each number of a result, in order, where it comes from. A stride says how far apart neighbours along an axis are.
  const places = (shape, strides, offset = 0) => {
    let all = [offset];
    shape.forEach((n, axis) => {
      all = all.flatMap((start) => Array.from({ length: n }, (_, i) => start + i * strides[axis]));
    });
    return Int32Array.from(all);
  };
  // Strides with which a tensor is read as if it had a larger shape: axes that it lacks, or has once, are repeated.
  const broadcast = (small, shape) => {
    let step = 1;
    const strides = shape.map(() => 0);
    for (let i = 1; i <= small.length; i++) {
      if (small.at(-i) > 1) strides[shape.length - i] = step;
      step *= small.at(-i);
    }
    return strides;
  };

  const each = (f) => ([x], { shape }) => ({ shape, data: x.data.map(f) });
  const pairs = (f) => ([x, y], node) => {
    const [i, j] = (node.places ??= [x, y].map((input) => places(node.shape, broadcast(input.shape, node.shape))));
    return { shape: node.shape, data: Float32Array.from(i, (_, k) => f(x.data[i[k]], y.data[j[k]])) };
  };
  const dot = (x, i, y, j, n) => {
    let sum = 0;
    for (let k = 0; k < n; k++) sum += x[i + k] * y[j + k];
    return sum;
  };
  const sigmoid = (x) => 1 / (1 + Math.exp(-x));
  // Abramowitz and Stegun, 7.1.26: the error is below 1.5e-7.
  const erf = (x) => {
    const t = 1 / (1 + 0.3275911 * Math.abs(x));
    const sum = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
    return Math.sign(x) * (1 - sum * Math.exp(-x * x));
  };

  const linear = ([x, weight, bias], { shape }) => {
    const [n, m] = weight.shape;
    const data = new Float32Array(count(shape));
    for (let i = 0; i < data.length; i++) {
      const row = i % n;
      data[i] = dot(x.data, ((i - row) / n) * m, weight.data, row * m, m) + (bias ? bias.data[row] : 0);
    }
    return { shape, data };
  };

  const ops = {
    linear,
    relu: each((x) => Math.max(x, 0)),
    tanh: each(Math.tanh),
    sigmoid: each(sigmoid),
    gelu: each((x) => (x / 2) * (1 + erf(x / Math.SQRT2))),
    add: pairs((x, y) => x + y),
    sub: pairs((x, y) => x - y),
    mul: pairs((x, y) => x * y),
    div: pairs((x, y) => x / y),
    affine: ([x, scale, shift], node) => ops.add([ops.mul([x, scale], node), shift], node),
    reshape: ([x], { shape }) => ({ shape, data: x.data }),

    // Numbers of all inputs in a new order; -1 is a zero.
    gather: (inputs, node) => {
      node.places ??= node.index ?? places(node.shape, node.strides, node.offset);
      const [data, all] = [new Float32Array(count(node.shape)), inputs.length > 1 ? join(inputs) : inputs[0].data];
      for (let i = 0; i < data.length; i++) data[i] = node.places[i] < 0 ? 0 : all[node.places[i]];
      return { shape: node.shape, data };
    },

    matmul: ([x, y], { shape }) => {
      const [n, m, inner] = [shape.at(-2), shape.at(-1), x.shape.at(-1)];
      const data = new Float32Array(count(shape));
      const step = y.shape.length > 2 ? inner * m : 0; // a single matrix is there for all
      for (let i = 0; i < data.length; i++) {
        const row = Math.floor(i / m);
        const start = Math.floor(row / n) * step + (i % m);
        let sum = 0;
        for (let k = 0; k < inner; k++) sum += x.data[row * inner + k] * y.data[start + k * m];
        data[i] = sum;
      }
      return { shape, data };
    },

    conv2d: ([x, weight, bias], { shape, stride, padding }) => {
      const [, , H, W] = x.shape;
      const [n, C, h, w] = weight.shape;
      const [, , outH, outW] = shape;
      const data = new Float32Array(count(shape));
      for (let o = 0, at = 0; o < n; o++) {
        for (let i = 0; i < outH; i++) {
          for (let j = 0; j < outW; j++, at++) {
            const [top, left] = [i * stride[0] - padding[0], j * stride[1] - padding[1]];
            const [from, to] = [Math.max(0, -left), Math.min(w, W - left)];
            let sum = bias ? bias.data[o] : 0;
            for (let c = 0; c < C; c++) {
              for (let a = Math.max(0, -top); a < Math.min(h, H - top); a++) {
                const [row, filter] = [(c * H + top + a) * W + left, ((o * C + c) * h + a) * w];
                for (let b = from; b < to; b++) sum += x.data[row + b] * weight.data[filter + b];
              }
            }
            data[at] = sum;
          }
        }
      }
      return { shape, data };
    },

    max_pool2d: ([x], { shape, kernel, stride, padding }) => {
      const [, C, H, W] = x.shape;
      const [, , outH, outW] = shape;
      const data = new Float32Array(count(shape)).fill(-Infinity);
      for (let c = 0, at = 0; c < C; c++) {
        for (let i = 0; i < outH; i++) {
          for (let j = 0; j < outW; j++, at++) {
            const [top, left] = [i * stride[0] - padding[0], j * stride[1] - padding[1]];
            for (let a = Math.max(0, top); a < Math.min(H, top + kernel[0]); a++) {
              for (let b = Math.max(0, left); b < Math.min(W, left + kernel[1]); b++) {
                data[at] = Math.max(data[at], x.data[(c * H + a) * W + b]);
              }
            }
          }
        }
      }
      return { shape, data };
    },

    mean: ([x], node) => {
      const kept = x.shape.map((n, axis) => (node.dims.includes(axis) ? 1 : n));
      node.places ??= places(x.shape, broadcast(kept, x.shape));
      const data = new Float32Array(count(node.shape));
      x.data.forEach((value, i) => (data[node.places[i]] += value));
      return { shape: node.shape, data: data.map((sum) => (sum * data.length) / x.data.length) };
    },

    softmax: ([x], { shape }) => ({ shape, data: rows(x.data, shape.at(-1), live.softmax) }),

    layer_norm: ([x, weight, bias], { shape, size, eps }) => {
      const standardize = (row) => {
        const mean = row.reduce((sum, value) => sum + value, 0) / size;
        const variance = row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / size;
        return row.map((value, i) => ((value - mean) / Math.sqrt(variance + eps)) * weight.data[i] + bias.data[i]);
      };
      return { shape, data: rows(x.data, size, standardize) };
    },

    // One direction, one sequence, any number of layers; gates in the order input, forget, candidate, output.
    lstm: ([x, h0, c0, ...weights], { shape }) => {
      const layers = weights.length / 4;
      const [n, size] = [count(shape), h0.data.length / layers];
      let rows = x;
      for (let layer = 0; layer < layers; layer++) {
        const [fromInput, fromState, biasInput, biasState] = weights.slice(4 * layer, 4 * layer + 4);
        const [first, last] = [layer * size, (layer + 1) * size];
        const gates = linear([rows, fromInput, biasInput], { shape: [4 * n] }).data;
        const [data, c] = [new Float32Array(n), c0.data.slice(first, last)];
        let h = h0.data.subarray(first, last);
        for (let t = 0; t < n; t += size) {
          const state = linear([{ data: h }, fromState, biasState], { shape: [4 * size] }).data;
          const gate = (k, i) => gates[4 * t + k * size + i] + state[k * size + i];
          h = data.subarray(t, t + size);
          for (let i = 0; i < size; i++) {
            c[i] = sigmoid(gate(1, i)) * c[i] + sigmoid(gate(0, i)) * Math.tanh(gate(2, i));
            h[i] = sigmoid(gate(3, i)) * Math.tanh(c[i]);
          }
        }
        rows = { shape, data };
      }
      return rows;
    },
  };

  const join = (inputs) => {
    const data = new Float32Array(inputs.reduce((sum, input) => sum + input.data.length, 0));
    inputs.reduce((start, input) => (data.set(input.data, start), start + input.data.length), 0);
    return data;
  };
  const rows = (data, size, f) => {
    const result = new Float32Array(data.length);
    for (let i = 0; i < data.length; i += size) result.set(f(data.subarray(i, i + size)), i);
    return result;
  };

  live.softmax = (logits) => {
    const most = Math.max(...logits);
    const powers = logits.map((x) => Math.exp(x - most));
    const sum = powers.reduce((all, x) => all + x, 0);
    return powers.map((x) => x / sum);
  };

  // Make a function from a network as it was written down: from the data of one example to those of its output, and of
  // what it was asked to look at.
  live.compile = ({ nodes, weights, output, look }) => {
    const known = weights.map(live.unpack);
    return (shape, data) => {
      const results = [{ shape, data }];
      const at = (place) => (place < 0 ? known[-place - 1] : results[place]);
      for (const node of nodes) results.push(ops[node.op](node.inputs.map(at), node));
      return { output: at(output).data, look: look && at(look) };
    };
  };
})();
