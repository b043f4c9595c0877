"""Answers to the tasks of the assignment on the adversarial autoencoder, in the same form as in `mlp.py`."""

import textwrap


def function(head: str, *lines: str) -> str:
    return f"def {head}:\n" + textwrap.indent("\n".join(lines), "    ")


# --- Networks

ENCODER = "nn.Linear(xdim, hdim), nn.ReLU(), nn.Linear(hdim, zdim)"
DECODER = "nn.Linear(zdim, hdim), nn.ReLU(), nn.Linear(hdim, xdim), nn.Sigmoid()"
JUDGING = "nn.Linear(zdim, hdim), nn.ReLU(), nn.Linear(hdim, hdim), nn.ReLU()"
DISCRIMINATOR = f"{JUDGING}, nn.Linear(hdim, 1)"
DICT = "return {'encoder': encoder, 'decoder': decoder, 'discriminator': discriminator}"


def networks(
    encoder: str = ENCODER, decoder: str = DECODER, discriminator: str = DISCRIMINATOR, end: str = DICT
) -> str:
    return function(
        "make_networks(xdim, hdim, zdim)",
        f"encoder = nn.Sequential({encoder})",
        f"decoder = nn.Sequential({decoder})",
        f"discriminator = nn.Sequential({discriminator})",
        end,
    )


# --- Optimizers

IN_ENCODER = "nets['encoder'].parameters()"
IN_DECODER = "nets['decoder'].parameters()"
IN_DISCRIMINATOR = "nets['discriminator'].parameters()"
IN_BOTH = f"[*{IN_ENCODER}, *{IN_DECODER}]"
ALL_PARAMETERS = "[p for net in nets.values() for p in net.parameters()]"


def optimizers(
    reconstruct: str = IN_BOTH,
    discriminate: str = IN_DISCRIMINATOR,
    regularize: str = IN_ENCODER,
    settings: str = ", lr=lr",
    make: str = "torch.optim.Adam",
    end: str = "",
) -> str:
    return function(
        "make_optimizers(nets, lr)",
        f"a = {make}({reconstruct}{settings})",
        f"b = {make}({discriminate}{settings})",
        f"c = {make}({regularize}{settings})",
        end or "return {'reconstruct': a, 'discriminate': b, 'regularize': c}",
    )


# --- Steps

UPDATE = "o.zero_grad()", "loss.backward()", "o.step()"
ITEM = "return loss.item()"


def step(name: str, arguments: str, loss: tuple[str, ...], update, end: str) -> str:
    return function(
        f"{name}(nets, optimizers, {arguments})",
        "encoder, decoder, discriminator = nets.values()",
        "bce = F.binary_cross_entropy_with_logits",
        f"o = optimizers['{name}']",
        *loss,
        *update,
        end,
    )


def reconstruct(*loss: str, update=UPDATE, end: str = ITEM) -> str:
    loss = loss or ("loss = F.mse_loss(decoder(encoder(x)), x)",)
    return step("reconstruct", "x", loss, update, end)


REAL, FAKE = ("a = discriminator(prior(len(x)))", "b = discriminator(encoder(x).detach())")
HALVES = "loss = bce(a, torch.ones_like(a)) + bce(b, torch.zeros_like(b))"


def discriminate(*loss: str, update=UPDATE, end: str = ITEM) -> str:
    return step("discriminate", "x, prior", loss or (REAL, FAKE, HALVES), update, end)


def halves(loss: str) -> str:
    return discriminate(REAL, FAKE, f"loss = {loss}")


CODES = "b = discriminator(encoder(x))"


def regularize(*loss: str, update=UPDATE, end: str = ITEM) -> str:
    loss = loss or (CODES, "loss = bce(b, torch.ones_like(b))")
    return step("regularize", "x", loss, update, end)


def wish(loss: str) -> str:
    return regularize(CODES, f"loss = {loss}")


MAKERS = {"reconstruct": reconstruct, "discriminate": discriminate, "regularize": regularize}


def with_optimizer(name: str) -> tuple[str, ...]:
    return f"o = optimizers['{name}']", *UPDATE


KEPT = "o.zero_grad()", "loss.backward(retain_graph=True)"


def recomputed(step: str) -> tuple[str, ...]:
    return {
        "reconstruct": ("loss = F.mse_loss(decoder(encoder(x)), x)",),
        "discriminate": (REAL, FAKE, HALVES),
        "regularize": (CODES, "loss = bce(b, torch.ones_like(b))"),
    }[step]


def shared(step: str) -> dict[str, list[str]]:
    """Return the mistakes in the frame shared by all three steps."""
    make = MAKERS[step]
    other, third = [name for name in MAKERS if name != step]
    return {
        "nothing": [
            make(update=()),
            make(update=("o.zero_grad", "loss.backward", "o.step")),
            function(f"{step}(*args)", "pass"),
        ],
        "no-backward": [make(update=("o.zero_grad()", "o.step()"))],
        "no-step": [make(update=UPDATE[:2]), make(update=(*UPDATE[:2], "o.step"))],
        "step-too-early": [make(update=("o.zero_grad()", "o.step()", UPDATE[1]))],
        "zero-grad-too-late": [make(update=(UPDATE[1], UPDATE[0], UPDATE[2]))],
        "two-steps": [make(update=(*UPDATE, "o.step()"))],
        "two-updates": [make(update=(*KEPT, "o.step()", *recomputed(step), *UPDATE))],
        "cleared-between": [make(update=(*KEPT, *UPDATE[:1], "(loss / 2).backward()", UPDATE[2]))],
        "scaled": [
            make(update=(UPDATE[0], "(3 * loss).backward()", UPDATE[2])),
            make(
                update=(*UPDATE[:2], "nn.utils.clip_grad_norm_(o.param_groups[0]['params'], 0.01)", UPDATE[2])
            ),
        ],
        "left-frozen": [
            make(update=(*UPDATE, "for p in encoder.parameters(): p.requires_grad = False")),
            make(update=(*UPDATE, "discriminator.requires_grad_(False)")),
        ],
        "left-mode": [make(update=("for net in nets.values(): net.eval()", *UPDATE))],
        "left-hooks": [make(update=("encoder.register_forward_hook(lambda *_: None)", *UPDATE))],
        "other-optimizer": [make(update=with_optimizer(other)), make(update=with_optimizer(third))],
        "more-optimizers": [
            make(
                update=(
                    "for o in optimizers.values(): o.zero_grad()",
                    "loss.backward()",
                    "for o in optimizers.values(): o.step()",
                )
            ),
            make(update=(*UPDATE, f"optimizers['{other}'].step()")),
        ],
        "no-zero-grad": [make(update=UPDATE[1:]), make(update=("o.zero_grad", *UPDATE[1:]))],
        "cleared-after": [make(update=(*UPDATE[1:], UPDATE[0]))],
        "cleared-other": [
            make(
                update=(
                    f"optimizers['{'discriminate' if step != 'discriminate' else other}'].zero_grad()",
                    *UPDATE[1:],
                )
            ),
            *(
                [make(update=(f"{part}.zero_grad()", *UPDATE[1:])) for part in ("encoder", "decoder")]
                if step == "reconstruct"
                else ()
            ),
        ],
        "none": [make(end=""), make(end="loss.item()")],
        "graph-kept": [make(end="return loss")],
        "loss-tensor": [make(end="return loss.detach()"), make(end="return loss.data")],
        "no-loss": [make(end="return loss, 0"), make(end="return int(loss)")],
        "other-loss": [
            make(end="return loss.item() * len(x)"),
            make(end="return loss.item() / len(x)"),
            make(end="return float('nan')"),
        ],
        "in-place": [make(update=(*UPDATE, "x *= 2"))],
    }


WRONG = {
    "networks": {
        "none": [networks(end="")],
        "no-dict": [
            networks(end="return encoder, decoder, discriminator"),
            networks(end="return nn.ModuleList([encoder, decoder, discriminator])"),
        ],
        "names": [
            networks(end=DICT.replace("'encoder'", "'Encoder'")),
            networks(end="return {'encoder': encoder, 'decoder': decoder}"),
        ],
        "no-network": [
            networks(end=DICT.replace("'decoder': decoder", "'decoder': 0")),
            function(
                "make_networks(xdim, hdim, zdim)",
                f"encoder, decoder = [{ENCODER}], [{DECODER}]",
                f"discriminator = [{DISCRIMINATOR}]",
                DICT,
            ),
        ],
        "shared-layers": [
            networks(
                "nn.Linear(xdim, hdim), nn.ReLU(), nn.Linear(hdim, zdim)",
                DECODER,
                f"*decoder[:2], {DISCRIMINATOR.split(', ', 3)[3]}",
            )
        ],
        "exchanged": [
            networks(DECODER, ENCODER),
            networks(end="return {'encoder': decoder, 'decoder': encoder, 'discriminator': discriminator}"),
        ],
        "sizes-swapped": [networks("nn.Linear(hdim, xdim), nn.ReLU(), nn.Linear(zdim, hdim)")],
        "hard-coded-size": [
            networks(ENCODER.replace("zdim", "2")),
            networks(ENCODER.replace("hdim", "128")),
            networks(decoder=DECODER.replace("xdim", "64")),
            networks(discriminator=DISCRIMINATOR.replace("zdim", "2")),
            networks(discriminator=DISCRIMINATOR.replace("hdim", "128")),
        ],
        "variational": [networks(ENCODER.replace("zdim", "2 * zdim"))],
        "sees-images": [networks(discriminator=DISCRIMINATOR.replace("zdim", "xdim"))],
        "two-logits": [networks(discriminator=f"{JUDGING}, nn.Linear(hdim, 2)")],
        "logit-per-number": [networks(discriminator=f"{JUDGING}, nn.Linear(hdim, zdim)")],
        "shallow": [networks(discriminator="nn.Linear(zdim, hdim), nn.ReLU(), nn.Linear(hdim, 1)")],
        "no-last-layer": [networks("nn.Linear(xdim, hdim), nn.ReLU()"), networks(discriminator=JUDGING)],
        "layer-sizes": [
            networks("nn.Linear(xdim, hdim)", decoder="nn.Linear(zdim, hdim)").replace(
                "nn.Linear(xdim, hdim)", "nn.Linear(xdim, zdim)"
            ),
            networks(decoder=DECODER.replace("xdim", "hdim")),
            networks("nn.Linear(xdim, hdim), nn.ReLU(), nn.Linear(hdim, hdim)"),
        ],
        "local": [networks("nn.ReLU()")],
        "extra": [networks(f"nn.BatchNorm1d(xdim), {ENCODER}")],
        "no-bias": [networks(ENCODER.replace("zdim)", "zdim, bias=False)"))],
        "no-activation": [
            networks(ENCODER.replace("nn.ReLU(), ", "")),
            networks(discriminator=DISCRIMINATOR.replace("nn.ReLU(), ", "")),
        ],
        "activation-missing": [networks(discriminator=DISCRIMINATOR.replace("nn.ReLU(), ", "", 1))],
        "other-activation": [
            networks(ENCODER.replace("ReLU", "Tanh")),
            networks(discriminator=DISCRIMINATOR.replace("ReLU", "LeakyReLU")),
            networks(discriminator=DISCRIMINATOR.replace("ReLU()", "LeakyReLU(0.2)")),
            networks(ENCODER.replace("ReLU", "PReLU")),
        ],
        "codes-squashed": [
            networks(f"{ENCODER}, nn.Tanh()"),
            networks(f"{ENCODER}, nn.ReLU()"),
            networks(f"{ENCODER}, nn.Sigmoid()"),
        ],
        "decoder-no-sigmoid": [networks(decoder=DECODER.replace(", nn.Sigmoid()", ""))],
        "decoder-end": [
            networks(decoder=DECODER.replace("Sigmoid", "ReLU")),
            networks(decoder=DECODER.replace("Sigmoid", "Tanh")),
            networks(decoder=DECODER.replace("Sigmoid()", "Softmax(dim=1)")),
            networks(decoder=f"{DECODER}, nn.Sigmoid()"),
        ],
        "decoder-shape": [networks(decoder=f"{DECODER}, nn.Unflatten(1, (1, 2, -1))")],
        "logit-squashed": [
            networks(discriminator=f"{DISCRIMINATOR}, nn.Sigmoid()"),
            networks(discriminator=f"{DISCRIMINATOR}, nn.Softmax(dim=1)"),
            networks(discriminator=f"{DISCRIMINATOR}, nn.ReLU()"),
        ],
        "logit-axis": [networks(discriminator=f"{DISCRIMINATOR}, nn.Flatten(0)")],
        "random": [
            networks(f"nn.Dropout(0.5), {ENCODER}"),
            networks(decoder=DECODER.replace("ReLU()", "RReLU()")),
        ],
        "numbers": [
            networks(
                DECODER.replace("Sigmoid", "Tanhshrink")
                .replace("zdim", "_")
                .replace("xdim", "zdim")
                .replace("_", "xdim")
            )
        ],
    },
    "optimizers": {
        "none": [optimizers(end="pass")],
        "no-dict": [optimizers(end="return a, b, c"), optimizers(end="return a")],
        "names": [optimizers(end="return {'encoder': a, 'discriminator': b, 'decoder': c}")],
        "no-optimizer": [
            optimizers(end="return {'reconstruct': torch.optim.Adam, 'discriminate': b, 'regularize': c}")
        ],
        "shared": [optimizers(end="return {'reconstruct': a, 'discriminate': b, 'regularize': a}")],
        "kind": [optimizers(make="torch.optim.SGD"), optimizers(make="torch.optim.AdamW")],
        "optimizers-exchanged": [
            optimizers(end="return {'reconstruct': a, 'discriminate': c, 'regularize': b}")
        ],
        "moves-everything": [
            optimizers(ALL_PARAMETERS, ALL_PARAMETERS, ALL_PARAMETERS),
            optimizers(regularize=ALL_PARAMETERS),
        ],
        "no-encoder": [optimizers(IN_DECODER)],
        "no-decoder": [optimizers(IN_ENCODER)],
        "codes-moved": [optimizers(discriminate=f"[*{IN_ENCODER}, *{IN_DISCRIMINATOR}]")],
        "referee-moved": [
            optimizers(regularize=IN_DISCRIMINATOR),
            optimizers(regularize=f"[*{IN_ENCODER}, *{IN_DISCRIMINATOR}]"),
        ],
        "decoder-moved": [optimizers(regularize=IN_BOTH), optimizers(regularize=IN_DECODER)],
        "other-networks": [
            optimizers(discriminate=IN_ENCODER),
            optimizers(IN_DISCRIMINATOR),
            optimizers("nn.Linear(2, 2).parameters()"),
        ],
        "some-parameters": [
            optimizers(discriminate=f"list({IN_DISCRIMINATOR})[:2]"),
            optimizers(regularize="nets['encoder'][0].parameters()"),
        ],
        "no-lr": [optimizers(settings="")],
        "other-lr": [optimizers(settings=", lr=0.005"), optimizers(settings=", lr=lr / 10")],
        "settings": [
            optimizers(settings=", lr=lr, weight_decay=0.01"),
            optimizers(settings=", lr=lr, betas=(0.5, 0.999)"),
            optimizers(settings=", lr=lr, amsgrad=True"),
            optimizers(settings=", lr=lr, eps=1e-7"),
        ],
        "copies": [optimizers(regularize="[p.clone().detach() for p in nets['encoder'].parameters()]")],
    },
    "reconstruct": shared("reconstruct")
    | {
        "codes-detached": [
            reconstruct("loss = F.mse_loss(decoder(encoder(x).detach()), x)"),
            reconstruct("with torch.no_grad(): z = encoder(x)", "loss = F.mse_loss(decoder(z), x)"),
        ],
        "sigmoid-twice": [
            reconstruct("loss = F.mse_loss(decoder(encoder(x)).sigmoid(), x)"),
            reconstruct("loss = bce(decoder(encoder(x)), x)"),
        ],
        "cross-entropy": [reconstruct("loss = F.binary_cross_entropy(decoder(encoder(x)), x)")],
        "absolute": [
            reconstruct("loss = F.l1_loss(decoder(encoder(x)), x)"),
            reconstruct("loss = (decoder(encoder(x)) - x).abs().mean()"),
        ],
        "summed": [
            reconstruct("loss = ((decoder(encoder(x)) - x) ** 2).sum()"),
            reconstruct("loss = ((decoder(encoder(x)) - x) ** 2).sum(dim=1).mean()"),
        ],
        "root": [reconstruct("loss = F.mse_loss(decoder(encoder(x)), x) ** 0.5")],
        "uphill": [reconstruct("loss = -F.mse_loss(decoder(encoder(x)), x)")],
        "other-weights": [reconstruct("loss = F.mse_loss(decoder(encoder(x + 0.1)), x)")],
    },
    "discriminate": shared("discriminate")
    | {
        "two-updates": [
            discriminate(
                *(REAL, "one = bce(a, torch.ones_like(a))", "o.zero_grad()", "one.backward()", "o.step()"),
                *(FAKE, "two = bce(b, torch.zeros_like(b))", "o.zero_grad()", "two.backward()", "o.step()"),
                update=(),
                end="return (one + two).item()",
            )
        ],
        "cleared-between": [
            discriminate(
                *(REAL, "one = bce(a, torch.ones_like(a))", f"{clear}.zero_grad()", "one.backward()"),
                *(FAKE, "two = bce(b, torch.zeros_like(b))", f"{clear}.zero_grad()", "two.backward()"),
                update=("o.step()",),
                end="return (one + two).item()",
            )
            for clear in ("o", "discriminator")
        ],
        "no-detach": [
            discriminate(REAL, "b = discriminator(encoder(x))", HALVES),
            discriminate(REAL, "z = encoder(x)", "b = discriminator(z)", HALVES),
        ],
        "no-prior": [
            discriminate("a = discriminator(torch.randn(len(x), 2))", FAKE, HALVES),
            discriminate("a = discriminator(torch.randn_like(encoder(x)).detach())", FAKE, HALVES),
        ],
        "prior-reused": [
            discriminate(
                "global points",
                "if 'points' not in globals(): points = prior(len(x))",
                "a = discriminator(points[: len(x)])",
                FAKE,
                HALVES,
            )
        ],
        "number-of-draws": [
            discriminate("a = discriminator(prior(64))", FAKE, HALVES),
            discriminate("a = discriminator(prior(1))", FAKE, HALVES),
            discriminate("a = discriminator(prior(x.size(1)))", FAKE, HALVES),
        ],
        "halved": [
            discriminate(REAL, FAKE, HALVES, "loss = loss / 2"),
            discriminate(
                "z = torch.cat([prior(len(x)), encoder(x).detach()])",
                "labels = torch.cat([torch.ones(len(x), 1), torch.zeros(len(x), 1)])",
                "loss = bce(discriminator(z), labels)",
            ),
        ],
        "probability": [halves("-(a.sigmoid().mean() + (1 - b.sigmoid()).mean())")],
        "not-finite": [halves("-(a.sigmoid().log() + (1 - b.sigmoid()).log()).mean()")],
        "labels-swapped": [halves("bce(a, torch.zeros_like(a)) + bce(b, torch.ones_like(b))")],
        "labels-all-one": [halves("bce(a, torch.ones_like(a)) + bce(b, torch.ones_like(b))")],
        "labels-all-zero": [halves("bce(a, torch.zeros_like(a)) + bce(b, torch.zeros_like(b))")],
        "only-prior": [halves("bce(a, torch.ones_like(a))")],
        "only-codes": [halves("bce(b, torch.zeros_like(b))")],
        "minus-between": [halves("bce(a, torch.ones_like(a)) - bce(b, torch.zeros_like(b))")],
        "uphill": [halves("-bce(a, torch.ones_like(a)) - bce(b, torch.zeros_like(b))")],
        "sigmoid-twice": [discriminate(REAL, FAKE, "a, b = a.sigmoid(), b.sigmoid()", HALVES)],
        "squares": [
            halves("F.mse_loss(a, torch.ones_like(a)) + F.mse_loss(b, torch.zeros_like(b))"),
            halves(
                "F.mse_loss(a.sigmoid(), torch.ones_like(a)) + F.mse_loss(b.sigmoid(), torch.zeros_like(b))"
            ),
        ],
        "softmax-of-one": [
            halves("F.cross_entropy(a, torch.ones_like(a)) + F.cross_entropy(b, torch.zeros_like(b))")
        ],
        "summed": [
            halves(
                "bce(a, torch.ones_like(a), reduction='sum') + bce(b, torch.zeros_like(b), reduction='sum')"
            )
        ],
        "raw-logits": [halves("b.mean() - a.mean()"), halves("F.relu(1 - a).mean() + F.relu(1 + b).mean()")],
        "smooth-labels": [
            halves("bce(a, 0.9 * torch.ones_like(a)) + bce(b, torch.zeros_like(b))"),
            halves("bce(a, torch.full_like(a, 0.9)) + bce(b, torch.full_like(b, 0.1))"),
        ],
        "other-weights": [discriminate("a = discriminator(prior(len(x)) / 2)", FAKE, HALVES)],
    },
    "regularize": shared("regularize")
    | {
        "codes-detached": [
            regularize("b = discriminator(encoder(x).detach())", "loss = bce(b, torch.ones_like(b))"),
            regularize(
                "with torch.no_grad(): z = encoder(x)",
                "b = discriminator(z)",
                "loss = bce(b, torch.ones_like(b))",
            ),
        ],
        "probability": [wish("-b.sigmoid().mean()"), wish("(1 - b.sigmoid()).mean()")],
        "not-finite": [wish("-b.sigmoid().log().mean()")],
        "label-half": [wish("bce(b, torch.full_like(b, 0.5))")],
        "smooth-labels": [wish("bce(b, 0.9 * torch.ones_like(b))")],
        "label-zero": [wish("bce(b, torch.zeros_like(b))")],
        "saturating": [wish("-bce(b, torch.zeros_like(b))"), wish("(1 - b.sigmoid()).log().mean()")],
        "uphill": [wish("-bce(b, torch.ones_like(b))")],
        "sigmoid-twice": [wish("bce(b.sigmoid(), torch.ones_like(b))")],
        "squares": [
            wish("F.mse_loss(b, torch.ones_like(b))"),
            wish("F.mse_loss(b.sigmoid(), torch.ones_like(b))"),
        ],
        "softmax-of-one": [wish("F.cross_entropy(b, torch.ones_like(b))")],
        "summed": [wish("bce(b, torch.ones_like(b), reduction='sum')")],
        "raw-logits": [wish("-b.mean()")],
        "other-weights": [wish("bce(b, torch.ones_like(b)) + F.mse_loss(decoder(encoder(x)), x)")],
    },
}

REBUILT = "out = decoder(encoder(x))"
LABELS = "y = torch.arange(len(x)) % 2"


def rebuilt(loss: str) -> str:
    return reconstruct(REBUILT, f"loss = {loss}")


def classes(loss: str) -> str:
    return reconstruct(LABELS, "out = encoder(x)", f"loss = {loss}")


# What may be raised anywhere: what is explained is in `common.toml`.
ANYWHERE = {
    "loss-class": [
        rebuilt("nn.MSELoss(out, x)"),
        reconstruct(REBUILT, "criterion = nn.MSELoss", "loss = criterion(out, x)"),
        reconstruct("loss = nn.MSELoss()"),
        reconstruct("loss = nn.MSELoss"),
        reconstruct("loss = 0.5 * nn.MSELoss()"),
    ],
    "layer-as-function": [
        rebuilt("F.mse_loss(nn.Sigmoid(out), x)"),
        rebuilt("F.mse_loss(nn.Softmax(out), x)"),
        rebuilt("F.mse_loss(nn.Dropout(out), x)"),
        rebuilt("(nn.ReLU(out) - x).square().mean()"),
        rebuilt("nn.Flatten(out).square().mean()"),
    ],
    "no-import": [
        rebuilt("F.mse_loss(out, x) * math.sqrt(1)"),
        rebuilt("np.mean((out - x) ** 2)"),
        rebuilt("F.mse_loss(einops.rearrange(out, 'b d -> b d'), x)"),
    ],
    "no-prefix": [rebuilt("mse_loss(out, x)"), rebuilt("MSELoss()(out, x)")],
    "none-given": [rebuilt("F.mse_loss(torch.relu(print(out)), x)")],
    "list-given": [rebuilt("torch.mean([F.mse_loss(a, b) for a, b in zip(out, x)])")],
    "none-operand": [reconstruct("loss = F.mse_loss(decoder(encoder(x)), x) + print()")],
    "concatenated": [rebuilt("F.mse_loss(out, x, reduction='mean' + 1)")],
    "compared": [rebuilt("F.mse_loss(out, x) if x.shape > 0 else 0")],
    "numpy": [rebuilt("((out.numpy() - x.numpy()) ** 2).mean()")],
    "changed-in-place": [
        reconstruct("h = encoder(x).exp()", "h += 1", "loss = F.mse_loss(decoder(h), x)"),
        reconstruct(REBUILT, "out[0] = 0", "loss = F.mse_loss(out, x)"),
    ],
    "leaf-in-place": [
        reconstruct(update=("loss.backward()", "for p in encoder.parameters(): p -= 0.1 * p.grad"))
    ],
    "leaf-only": [reconstruct(REBUILT, "out.requires_grad = False", "loss = F.mse_loss(out, x)")],
    "unused-input": [reconstruct(update=("torch.autograd.grad(loss, [*discriminator.parameters()])",))],
    "loss-order": [classes("F.cross_entropy(y, out)")],
    "loss-classes": [
        classes("F.cross_entropy(out.argmax(1), y)"),
        classes("F.cross_entropy(out, F.one_hot(y, 2))"),
    ],
    "label-whole": [classes("F.cross_entropy(out, y.float())")],
    "label-range": [classes("F.cross_entropy(out, y + 1)")],
    "label-shape": [
        classes("F.cross_entropy(out, y[:, None])"),
        classes("F.cross_entropy(out[:, None], y)"),
        classes("F.cross_entropy(out, y[1:])"),
    ],
    "dtypes-differ": [
        reconstruct("loss = F.mse_loss(decoder(encoder(x.double())), x)"),
        reconstruct("loss = (x @ torch.eye(6).double()).mean()"),
        reconstruct("loss = F.mse_loss(decoder(encoder(x.long())), x)"),
    ],
    "whole-numbers": [classes("(out.argmax(1) == y).mean()"), classes("y.softmax(0).sum()")],
    "indices": [reconstruct("loss = F.one_hot(x, 2).float().mean()")],
    "fixed-axes": [
        rebuilt("torch.bmm(out[None, None], x[None, None].mT).mean()"),
        rebuilt("torch.mm(out[None], x[None]).mean()"),
        rebuilt("out[None].t().mean()"),
    ],
    "image-axes": [reconstruct("loss = nn.Conv2d(1, 1, 1)(x).mean()")],
    "sequence-axes": [reconstruct("loss = nn.LSTM(6, 2)(x[None, None])[0].mean()")],
    "no-axes": [reconstruct(REBUILT, "loss = sum(F.mse_loss(out, x))")],
    "maximum-pair": [rebuilt("out.max(1).float().mean()")],
    "list-of-tensors": [rebuilt("F.mse_loss(torch.cat(out, x), x)")],
    "stack-sizes": [rebuilt("torch.stack([out, encoder(x)]).mean()")],
    "einops-arrow": [rebuilt("F.mse_loss(rearrange(out, 'b d'), x)")],
    "einops-order": [rebuilt("F.mse_loss(rearrange('b d -> b d', out), x)")],
    "no-parentheses": [rebuilt("F.mse_loss(out, x) / x.size[0]")],
    "with-class": [reconstruct("with torch.no_grad: loss = F.mse_loss(decoder(encoder(x)), x)")],
    "assertion": [reconstruct("assert x.shape[1] == 64", "loss = F.mse_loss(decoder(encoder(x)), x)")],
}
MODULES = {
    "list-of-layers": [
        networks(f"[{ENCODER}]"),
        networks(discriminator=f"layer for layer in [{DISCRIMINATOR}]"),
    ],
    "layers-in-list": [networks().replace("nn.Sequential", "nn.ModuleList")],
    "no-layer": [
        networks(ENCODER.replace("ReLU()", "ReLU")),
        networks(ENCODER.replace("nn.ReLU()", "F.relu")),
        networks(decoder=DECODER.replace("nn.Sigmoid()", "torch.sigmoid")),
    ],
}

RAISED = {
    "networks": MODULES
    | {
        "no-prefix": [networks(ENCODER.replace("nn.ReLU", "ReLU"))],
        "arguments": [function("make_networks(xdim, hdim)", "return {}")],
    },
    "optimizers": {
        "operands": [optimizers(f"{IN_ENCODER} + {IN_DECODER}")],
        "no-parameters": [optimizers(discriminate="nets['discriminator']")],
        "key": [optimizers(discriminate="nets['judge'].parameters()")],
        "attribute": [optimizers("nets.parameters()")],
    },
    "reconstruct": ANYWHERE
    | {
        "matrix-shapes": [
            reconstruct("loss = F.mse_loss(decoder(x), x)"),
            reconstruct("loss = F.mse_loss(encoder(encoder(x)), x)"),
        ],
        "sizes-differ": [reconstruct("loss = F.mse_loss(encoder(x), x)")],
        "several-numbers": [reconstruct("loss = (decoder(encoder(x)) - x) ** 2")],
        "detached": [
            reconstruct("loss = F.mse_loss(decoder(encoder(x)).detach(), x)"),
            reconstruct("loss = F.mse_loss(decoder(encoder(x)), x).item()").replace(
                "loss.backward()", "torch.tensor(loss).backward()"
            ),
        ],
        "number-backward": [reconstruct("loss = F.mse_loss(decoder(encoder(x)), x).item()")],
        "key": [reconstruct().replace("['reconstruct']", "['encoder']")],
        "backward-twice": [reconstruct(update=(*UPDATE[:2], *UPDATE[1:]))],
    },
    "discriminate": {
        "matrix-shapes": [
            discriminate(REAL, "b = discriminator(x)", HALVES),
            discriminate("a = discriminator(encoder(prior(len(x))))", FAKE, HALVES),
        ],
        "target-size": [
            halves("bce(a, torch.ones(len(x))) + bce(b, torch.zeros(len(x)))"),
            halves("bce(a, torch.ones(64, 1)) + bce(b, torch.zeros(64, 1))"),
        ],
        "label-dtype": [
            halves(
                "bce(a, torch.ones(len(x), 1, dtype=torch.long))"
                " + bce(b, torch.zeros(len(x), 1, dtype=torch.long))"
            )
        ],
        "several-numbers": [halves("-F.logsigmoid(a) - F.logsigmoid(-b)")],
        "number-label": [halves("bce(a, 1.0) + bce(b, 0.0)")],
        "not-probabilities": [discriminate(REAL, FAKE, HALVES.replace("bce", "F.binary_cross_entropy"))],
        "not-callable": [discriminate().replace("prior(len(x))", "prior(len(x))()")],
    },
    "regularize": {
        "several-numbers": [wish("-F.logsigmoid(b)"), wish("bce(b, torch.ones_like(b), reduction='none')")],
        "matrix-shapes": [regularize("b = discriminator(x)", "loss = b.mean()")],
        "target-size": [wish("bce(b, torch.ones(len(x)))"), wish("bce(b.squeeze(1), torch.ones(len(x), 1))")],
        "detached": [
            regularize(
                "with torch.no_grad(): b = discriminator(encoder(x))", "loss = bce(b, torch.ones_like(b))"
            )
        ],
        "name": [regularize(CODES, "loss = bce(b, torch.ones_like(c))")],
    },
}

CLASSES = """
class Encoder(nn.Module):
    def __init__(self, xdim, hdim, zdim):
        super().__init__()
        self.hidden, self.code = nn.Linear(xdim, hdim), nn.Linear(hdim, zdim)

    def forward(self, x):
        return self.code(F.relu(self.hidden(x)))


class Decoder(nn.Module):
    def __init__(self, zdim, hdim, xdim):
        super().__init__()
        self.layers = Encoder(zdim, hdim, xdim)

    def forward(self, z):
        return torch.sigmoid(self.layers(z))


class Discriminator(nn.Module):
    def __init__(self, zdim, hdim):
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(zdim, hdim), nn.Linear(hdim, hdim)])
        self.last = nn.Linear(hdim, 1)

    def forward(self, z):
        for layer in self.layers:
            z = layer(z).relu()
        return self.last(z)


def make_networks(xdim, hdim, zdim):
    return {
        "encoder": Encoder(xdim, hdim, zdim),
        "decoder": Decoder(zdim, hdim, xdim),
        "discriminator": Discriminator(zdim, hdim),
    }
"""

RIGHT = {
    "networks": [
        networks(),
        CLASSES,
        networks(
            end="return nn.ModuleDict(dict(encoder=encoder, decoder=decoder, discriminator=discriminator))"
        ),
    ],
    "optimizers": [
        optimizers(),
        optimizers(f"list({IN_ENCODER}) + list({IN_DECODER})"),
        optimizers(f"[{{'params': {IN_ENCODER}}}, {{'params': {IN_DECODER}}}]", settings=", lr"),
        function(
            "make_optimizers(nets, lr)",
            "from itertools import chain",
            "held = {",
            f"    'reconstruct': chain({IN_ENCODER}, {IN_DECODER}),",
            f"    'discriminate': {IN_DISCRIMINATOR},",
            f"    'regularize': {IN_ENCODER},",
            "}",
            "return {name: torch.optim.Adam(ps, lr=lr) for name, ps in held.items()}",
        ),
    ],
    "reconstruct": [
        reconstruct(),
        reconstruct("loss = ((decoder(encoder(x)) - x) ** 2).mean()"),
        reconstruct("loss = nn.MSELoss()(decoder(encoder(x)), x)"),
        reconstruct("loss = (x - decoder(encoder(x))).square().mean(1).mean()"),
        reconstruct(
            update=("for net in nets.values(): net.zero_grad()", *UPDATE[1:]), end="return float(loss)"
        ),
    ],
    "discriminate": [
        discriminate(),
        discriminate(REAL, "with torch.no_grad(): z = encoder(x)", "b = discriminator(z)", HALVES),
        discriminate(
            "z = torch.cat([prior(len(x)), encoder(x).detach()])",
            "labels = torch.cat([torch.ones(len(x), 1), torch.zeros(len(x), 1)])",
            "loss = 2 * bce(discriminator(z), labels)",
        ),
        discriminate(
            "z = torch.cat([prior(x.size(0)), encoder(x).detach()])",
            "a, b = discriminator(z).chunk(2)",
            "loss = -F.logsigmoid(a).mean() - F.logsigmoid(-b).mean()",
        ),
        halves("F.softplus(-a).mean() + F.softplus(b).mean()"),
        halves("bce(a.squeeze(1), torch.ones(len(x))) + bce(b[:, 0], torch.zeros(len(x)))"),
        halves(
            "F.binary_cross_entropy(a.sigmoid(), torch.ones_like(a))"
            " + F.binary_cross_entropy(b.sigmoid(), torch.zeros_like(b))"
        ),
        discriminate(update=("for other in optimizers.values(): other.zero_grad()", *UPDATE[1:])),
    ],
    "regularize": [
        regularize(),
        regularize(update=("encoder.zero_grad()", *UPDATE[1:])),
        wish("-F.logsigmoid(b).mean()"),
        wish("F.softplus(-b).mean()"),
        wish("nn.BCEWithLogitsLoss()(b, torch.ones(x.size(0), 1))"),
        wish("F.binary_cross_entropy(b.sigmoid(), torch.ones_like(b))"),
        regularize(
            "for p in discriminator.parameters(): p.requires_grad_(False)",
            CODES,
            "loss = bce(b, torch.ones_like(b))",
            update=(*UPDATE, "for p in discriminator.parameters(): p.requires_grad_(True)"),
        ),
    ],
}
